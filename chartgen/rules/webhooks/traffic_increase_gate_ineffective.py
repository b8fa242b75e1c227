"""A confirm-traffic-increase gate in a run with iterations, where Flagger never calls it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.strategy import Strategy
from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class TrafficIncreaseGateIneffective(CanaryRule):
    id = "traffic-increase-gate-ineffective"
    severity = Severity.WARNING
    summary = "confirm-traffic-increase gate that never runs with iterations"
    tags = ("webhooks", "strategy")

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        for hook in canary.hooks:
            if hook.type == "confirm-traffic-increase" and canary.strategy(self.cluster) is not Strategy.WEIGHTS:
                yield Problem(
                    f"hook {hook.name} has type confirm-traffic-increase, which Flagger never calls with iterations; "
                    "use confirm-promotion",
                    at=(*hook.at, "type"),
                )
