"""Template files reduced to their named templates, which others include."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.charts.gotemplate.blocks import parse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chartgen.charts.chart import Chart


def definitions_only(chart: Chart, paths: Iterable[str]) -> dict[str, bytes]:
    """Path → the named templates of the file, empty without any: Helm renders nothing from it."""
    found: dict[str, bytes] = {}
    for path in paths:
        template = parse(chart.text(path))
        definitions = [template.text[block.opener.start : block.end.end] for _, block in template.definitions()]
        found[path] = "\n".join(definitions).encode("utf-8", "surrogateescape")
    return found
