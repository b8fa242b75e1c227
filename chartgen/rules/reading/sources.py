"""The text a rendered object came from: does the chart ask the cluster there (`lookup`)?"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chartgen.charts.gotemplate.blocks import parse
from chartgen.manifests.tracing.provenance import path_in_chart

if TYPE_CHECKING:
    from chartgen.charts.chart import Chart
    from chartgen.manifests.manifest import Manifest

_INCLUDED = re.compile(r'(?:include|template)\s+"([^"]+)"')
# `include (print $.Template.BasePath "/secret.yaml") .`, the usual way to a checksum.
_FILE = re.compile(r'BasePath\s+"/([^"]+)"')
_LOOKUP = re.compile(r"\blookup\b")


def asks_cluster(chart: Chart, manifest: Manifest) -> bool:
    """Whether the template of an object, or a named template it includes, looks into the live cluster.

    Without a cluster such a template renders its fallback, so what is seen is not what an upgrade applies.
    """
    path = path_in_chart(chart, manifest.template)
    return path in chart.files and _asks(chart, chart.text(path), frozenset())


def key_asks_cluster(chart: Chart, manifest: Manifest, key: str) -> bool:
    """The same for what stands behind one key of an object's template."""
    path = path_in_chart(chart, manifest.template)
    text = chart.text(path) if path in chart.files else ""
    lines = [line for line in text.splitlines() if line.lstrip().startswith((f"{key}:", f'"{key}":'))]
    return any(_asks(chart, line, frozenset()) for line in lines)


def _asks(chart: Chart, text: str, seen: frozenset[str]) -> bool:
    if any(_LOOKUP.search(action.body) for action in parse(text).actions if not action.is_comment):
        return True
    names = set(_INCLUDED.findall(text)) - seen
    paths = {f"templates/{name}" for name in _FILE.findall(text)} & set(chart.files) - seen
    if any(_asks(chart, chart.text(path), seen | names | paths) for path in paths):
        return True
    return any(
        _asks(chart, template.text[block.opener.end : block.end.start], seen | names)
        for template in (parse(chart.text(path)) for path in chart.files if "templates/" in path)
        for name, block in template.definitions()
        if name in names
    )
