"""A pod template that changes by itself, so that any upgrade may start a full analysis."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chartgen.rules.reading.canary import Canary
from chartgen.rules.reading.neighbours import pod_route, target_of
from chartgen.rules.reading.next_upgrade import rendered_later
from chartgen.rules.reading.sources import key_asks_cluster
from chartgen.rules.rule import ChartRule, Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Route
    from chartgen.rules.releases import Releases


class VolatilePodTemplate(ChartRule):
    id = "volatile-pod-template"
    severity = Severity.ERROR
    summary = "pod template that changes at every upgrade"
    tags = ("lifecycle",)

    def check_chart(self, releases: Releases) -> Iterator[Problem]:
        for rendering in releases.with_canary:
            request = replace(rendering.request, is_upgrade=True)
            upgrade = rendered_later(releases.engine, rendering, request)
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
                        f"{'.'.join(map(str, at[-2:]))} differs from one upgrade to the next: every upgrade, even "
                        "without other changes, starts a full analysis or restarts a run in progress",
                        at=at,
                        manifest=target,
                    )


def _differences(before: Any, after: Any, at: Route) -> Iterator[Route]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in before:
            yield from _differences(before[key], after.get(key), (*at, key))
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, item in enumerate(before):
            yield from _differences(item, after[index], (*at, index))
    elif before != after:
        yield at
