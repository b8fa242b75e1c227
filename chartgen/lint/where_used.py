"""Moves a finding from a shared helper, or from a subchart's archive, to the template that uses it.

A helper of labels renders many objects: an edit there changes all of them, and the finding is about one. A file inside
a `.tgz` can't be edited at all.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chartgen.charts.positions import Position
from chartgen.manifests.tracing.provenance import path_in_chart

if TYPE_CHECKING:
    from chartgen.charts.chart import Chart
    from chartgen.manifests.manifest import Manifest, Route
    from chartgen.manifests.tracing.provenance import SourceLocation

_LABELS = frozenset({"labels", "matchLabels", "selector", "labelSelector", "podSelector"})
_KIND = ("kind",)


def where_used(chart: Chart, manifest: Manifest, route: Route, found: SourceLocation) -> SourceLocation:
    """The place in the manifest's own template instead of `found`, if that is shared and the template isn't."""
    own = path_in_chart(chart, manifest.template)
    if not found.in_chart or found.values_route is not None or found.path == own or chart.archive_of(own):
        return found
    is_helper = found.path.rsplit("/", 1)[-1].startswith("_")
    if chart.archive_of(found.path) is None and not (is_helper and _LABELS.intersection(map(str, route))):
        return found
    position = _spelled(chart, own, manifest, route)
    return found._replace(path=own, position=position) if position else found


def _spelled(chart: Chart, path: str, manifest: Manifest, route: Route) -> Position | None:
    """The line of a template that spells the deepest step of a route that it can be followed to.

    Else the line of the kind; that of the helper, if it renders the whole object; None without any.
    """
    lines = chart.text(path).split("\n") if path in chart.files else []
    kind = re.compile(rf"\s*kind:\s*[\"']?{re.escape(manifest.kind)}\b")
    first = next((number for number, line in enumerate(lines) if kind.match(line)), None)
    if first is None:
        # The whole object is a helper's.
        used = (number for number, line in enumerate(lines) if re.search(r"\{\{-?\s*(?:include|template)\s", line))
        number = next(used, None)
        return None if number is None else _line(lines, number)
    at = first
    for step in (each for each in route if isinstance(each, str) and (each,) != _KIND):
        key = re.compile(rf"\s*(?:- )?[\"']?{re.escape(step)}[\"']?:")
        below = next((number for number in range(at, len(lines)) if key.match(lines[number])), None)
        ends = next((number for number in range(at + 1, len(lines)) if lines[number].startswith("---")), len(lines))
        if below is None or below >= ends:
            break
        at = below
    return _line(lines, at)


def _line(lines: list[str], number: int) -> Position:
    text = lines[number]
    return Position(number + 1, len(text) - len(text.lstrip()) + 1, number + 1, len(text.rstrip()) + 1)
