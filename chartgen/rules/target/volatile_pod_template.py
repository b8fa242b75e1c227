"""A pod template that changes at every upgrade: each one starts a full analysis."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chartgen.charts.gotemplate.blocks import parse, without_strings
from chartgen.errors import RenderError
from chartgen.manifests.rendering import render
from chartgen.rules.reading.canary import Canary
from chartgen.rules.reading.neighbours import pod_route, target_of
from chartgen.rules.reading.sources import key_asks_cluster
from chartgen.rules.rule import ChartRule, Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.charts.chart import Chart
    from chartgen.manifests.manifest import Route
    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.releases import Releases


# The function, and no field or variable of that name; `helm template` always renders revision 1.
_MOVING = re.compile(r"(?<![\w.$-])now(?![\w-])|(?<![\w.$])\$?\.Release\.Revision(?!\w)")


class VolatilePodTemplate(ChartRule):
    id = "volatile-pod-template"
    severity = Severity.ERROR
    summary = "pod template that changes at every upgrade"
    tags = ("lifecycle",)

    def check_chart(self, releases: Releases) -> Iterator[Problem]:
        for rendering in releases.with_canary:
            again = _rendered_again(releases, rendering)
            for manifest in rendering.of_kind("Canary"):
                target = target_of(Canary(manifest), rendering)
                twin = again.named(target.kind, target.name) if again and target else None
                if target is None or twin is None:
                    continue
                for at in _differences(target.get(pod_route(target)), twin.get(pod_route(twin)), pod_route(target)):
                    if key_asks_cluster(rendering.chart, target, str(at[-1])):
                        continue  # on a live cluster `lookup` keeps what was generated once
                    yield Problem(
                        f"{'.'.join(map(str, at[-2:]))} differs at each rendering: every upgrade, also one without a "
                        "change, starts a full analysis and restarts a running one",
                        at=at,
                        manifest=target,
                    )


def _rendered_again(releases: Releases, rendering: Rendering) -> Rendering | None:
    """The release as its next upgrade, at another time: within one second the clock shows nothing."""
    request = replace(rendering.request, is_upgrade=True)
    later = _at_the_next_upgrade(rendering.chart)
    for chart in (later, rendering.chart) if later is not rendering.chart else (later,):
        try:
            return render(releases.engine, chart, request, rendering.label)
        except RenderError:
            continue
    return None


def _at_the_next_upgrade(chart: Chart) -> Chart:
    """The chart with another time wherever its templates ask for `now`, and the next revision."""
    files = {path: chart.text(path) for path in chart.files if "templates/" in path}
    moved = {path: _moved(text) for path, text in files.items()}
    changed = {path: text.encode("utf-8", "surrogateescape") for path, text in moved.items() if text != files[path]}
    return replace(chart, files={**chart.files, **changed}) if changed else chart


def _moved(text: str) -> str:
    pieces, last = [], 0
    for action in parse(text).actions:
        body = without_strings(text[action.start : action.end])
        for match in _MOVING.finditer(body) if not action.is_comment else ():
            pieces += [text[last : action.start + match.start()], _at_the_next(match.group())]
            last = action.start + match.end()
    return "".join(pieces) + text[last:]


def _at_the_next(expression: str) -> str:
    return '(toDate "2006-01-02" "2001-02-03")' if expression == "now" else f"(add1 {expression})"


def _differences(one: Any, other: Any, at: Route) -> Iterator[Route]:
    if isinstance(one, dict) and isinstance(other, dict):
        for key in one:
            yield from _differences(one[key], other.get(key), (*at, key))
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for index, item in enumerate(one):
            yield from _differences(item, other[index], (*at, index))
    elif one != other:
        yield at
