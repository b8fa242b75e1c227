"""The template of a rendered object: does it query the cluster with `lookup`?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.charts.gotemplate.blocks import parse
from chartgen.manifests.tracing.provenance import path_in_chart
from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from chartgen.charts.chart import Chart
    from chartgen.manifests.manifest import Manifest

_INCLUDED = lazy_pattern(r'(?:include|template)\s+"([^"]+)"')
# `include (print $.Template.BasePath "/secret.yaml") .`, which charts use for checksums.
_FILE = lazy_pattern(r'BasePath\s+"/([^"]+)"')
_LOOKUP = lazy_pattern(r"\blookup\b")


def asks_cluster(chart: Chart, manifest: Manifest) -> bool:
    """Whether the template of an object, or a named template it includes, reads the live cluster.

    Without a cluster it renders its fallback, so the rendered object isn't the one that an upgrade applies.
    """
    path = path_in_chart(chart, manifest.template)
    return path in chart.files and _asks(chart, chart.text(path), frozenset())


def key_asks_cluster(chart: Chart, manifest: Manifest, key: str) -> bool:
    """The same for the lines of one key in an object's template."""
    path = path_in_chart(chart, manifest.template)
    text = chart.text(path) if path in chart.files else ""
    lines = [line for line in text.splitlines() if line.lstrip().startswith((f"{key}:", f'"{key}":'))]
    return any(_asks(chart, line, frozenset()) for line in lines)


def _asks(chart: Chart, text: str, visited: frozenset[str]) -> bool:
    if any(_LOOKUP.search(action.body) for action in parse(text).actions if not action.is_comment):
        return True
    names = set(_INCLUDED.findall(text)) - visited
    paths = {f"templates/{name}" for name in _FILE.findall(text)} & set(chart.files) - visited
    if any(_asks(chart, chart.text(path), visited | names | paths) for path in paths):
        return True
    return any(
        _asks(chart, template.text[block.opener.end : block.end.start], visited | names)
        for template in (parse(chart.text(path)) for path in chart.files if "templates/" in path)
        for name, block in template.definitions()
        if name in names
    )
