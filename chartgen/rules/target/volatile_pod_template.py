"""A pod template that changes by itself, so that any upgrade may start a full analysis."""

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


# The function `now` but not fields or variables of that name, and the revision, which `helm template` leaves at 1.
_CHANGES_WITH_UPGRADE = re.compile(r"(?<![\w.$-])now(?![\w-])|(?<![\w.$])\$?\.Release\.Revision(?!\w)")


class VolatilePodTemplate(ChartRule):
    id = "volatile-pod-template"
    severity = Severity.ERROR
    summary = "pod template that changes at every upgrade"
    tags = ("lifecycle",)

    def check_chart(self, releases: Releases) -> Iterator[Problem]:
        for rendering in releases.with_canary:
            upgrade = _rendered_upgrade(releases, rendering)
            for manifest in rendering.of_kind("Canary"):
                target = target_of(Canary(manifest), rendering)
                upgraded = upgrade.named(target.kind, target.name) if upgrade and target else None
                if target is None or upgraded is None:
                    continue
                pod_templates = target.get(pod_route(target)), upgraded.get(pod_route(upgraded))
                for at in _differences(*pod_templates, pod_route(target)):
                    if key_asks_cluster(rendering.chart, target, str(at[-1])):
                        continue  # on a live cluster `lookup` keeps what was generated once
                    yield Problem(
                        f"{'.'.join(map(str, at[-2:]))} differs from one upgrade to the next: even an upgrade without "
                        "other changes may start a full analysis, or restart a run in progress",
                        at=at,
                        manifest=target,
                    )


def _rendered_upgrade(releases: Releases, rendering: Rendering) -> Rendering | None:
    """The release, rendered as its next upgrade at another time, because two renderings may fall into one second."""
    request = replace(rendering.request, is_upgrade=True)
    later = _at_next_upgrade(rendering.chart)
    for chart in (later, rendering.chart) if later is not rendering.chart else (later,):
        try:
            return render(releases.engine, chart, request, rendering.label)
        except RenderError:
            continue
    return None


def _at_next_upgrade(chart: Chart) -> Chart:
    """The chart with another time in place of each `now` in its templates, and the next revision."""
    files = {path: chart.text(path) for path in chart.files if "templates/" in path}
    later = {path: _text_at_next_upgrade(text) for path, text in files.items()}
    changed = {path: text.encode("utf-8", "surrogateescape") for path, text in later.items() if text != files[path]}
    return replace(chart, files={**chart.files, **changed}) if changed else chart


def _text_at_next_upgrade(text: str) -> str:
    pieces, last = [], 0
    for action in parse(text).actions:
        body = without_strings(text[action.start : action.end])
        for match in _CHANGES_WITH_UPGRADE.finditer(body) if not action.is_comment else ():
            pieces += [text[last : action.start + match.start()], _value_at_next_upgrade(match.group())]
            last = action.start + match.end()
    return "".join(pieces) + text[last:]


def _value_at_next_upgrade(expression: str) -> str:
    return '(toDate "2006-01-02" "2001-02-03")' if expression == "now" else f"(add1 {expression})"


def _differences(before: Any, after: Any, at: Route) -> Iterator[Route]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in before:
            yield from _differences(before[key], after.get(key), (*at, key))
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, item in enumerate(before):
            yield from _differences(item, after[index], (*at, index))
    elif before != after:
        yield at
