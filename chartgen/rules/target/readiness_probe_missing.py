"""Without a readiness probe pods count as ready at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.canary import items
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
        serving = [(at, one) for at, one in containers(target) if items(one.get("ports"))] or containers(target)[:1]
        if serving and not any(one.get("readinessProbe") for _, one in serving):
            at, container = serving[0]
            yield Problem(
                f"container {container.get('name')} of {target.name} has no readinessProbe: Flagger counts it as ready "
                "at "
                "once and sends users to it",
                at=(*at, "name"),
                manifest=target,
            )
