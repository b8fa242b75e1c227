"""A ready threshold that amounts to zero pods at the smallest replica count."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.canary import number
from chartgen.rules.reading.neighbours import scalers_of, target_of
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class ReadyThresholdTooLow(CanaryRule):
    id = "ready-threshold-too-low"
    severity = Severity.WARNING
    summary = "ready threshold that rounds down to zero pods"
    tags = ("scaling",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        target = target_of(canary, rendering)
        replicas = number(target.get(("spec", "replicas"))) if target else None
        for scaler in scalers_of(canary, rendering):
            minimum = scaler.get(("spec", "minReplicas")), scaler.get(("spec", "minReplicaCount"))
            replicas = number(minimum[0]) or number(minimum[1]) or 1
        for name in ("canaryReadyThreshold", "primaryReadyThreshold"):
            percent = number(canary.analysis.get(name))
            if percent is not None and int((replicas or 1) * percent / 100) == 0:
                yield Problem(
                    f"{name} {percent:g} % of {_pods(replicas or 1)} rounds down to 0: Flagger may send traffic to a "
                    f"{name.removesuffix('ReadyThreshold')} without a ready pod",
                    at=canary.at(name),
                )


def _pods(count: float) -> str:
    return f"{count:g} pod{'s' if count != 1 else ''}"
