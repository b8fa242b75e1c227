"""A target without a readiness probe: its pods count as ready before the app is up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.canary import as_list
from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.neighbours import containers, target_of
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class ReadinessProbeMissing(CanaryRule):
    id = "readiness-probe-missing"
    severity = Severity.INFO
    summary = "no readiness probe, so traffic arrives before the app is up"
    tags = ("lifecycle",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        target = target_of(canary, rendering)
        if target is None or target.kind == "Service":
            return
        all_containers = containers(target)
        with_ports = [(at, container) for at, container in all_containers if as_list(container.get("ports"))]
        serving = with_ports or all_containers[:1]
        if serving and not any(container.get("readinessProbe") for _, container in serving):
            at, container = serving[0]
            yield Problem(
                f"container {container.get('name')} of {target.name} has no readinessProbe: Flagger may send users to "
                "it before the app is ready",
                at=(*at, "name"),
                manifest=target,
            )
