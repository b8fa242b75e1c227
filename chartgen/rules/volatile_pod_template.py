"""A pod template that changes at every upgrade: each one starts a full analysis."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chartgen.errors import RenderError
from chartgen.manifests.rendering import render
from chartgen.rules.reading.canary import Canary
from chartgen.rules.reading.neighbours import pod_route, target_of
from chartgen.rules.rule import ChartRule, Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Route
    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.releases import Releases


_AGAIN = 2


class VolatilePodTemplate(ChartRule):
    id = "volatile-pod-template"
    severity = Severity.ERROR
    summary = "the pod template changes at every upgrade"
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
                    yield Problem(
                        f"{'.'.join(map(str, at[-2:]))} differs at each rendering: every upgrade, also one without a "
                        "change, starts a full analysis and restarts a running one",
                        at=at,
                        manifest=target,
                    )


def _rendered_again(releases: Releases, rendering: Rendering) -> Rendering | None:
    try:
        return render(releases.engine, rendering.chart, replace(rendering.request, is_upgrade=True), rendering.label)
    except RenderError:
        return None


def _differences(one: Any, other: Any, at: Route) -> Iterator[Route]:
    if isinstance(one, dict) and isinstance(other, dict):
        for key in one:
            yield from _differences(one[key], other.get(key), (*at, key))
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for index, item in enumerate(one):
            yield from _differences(item, other[index], (*at, index))
    elif one != other:
        yield at
