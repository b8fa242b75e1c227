"""A ready threshold that few replicas round down to nothing."""

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
        least = number(target.get(("spec", "replicas"))) if target else None
        for scaler in scalers_of(canary, rendering):
            least = number(scaler.get(("spec", "minReplicas"))) or number(scaler.get(("spec", "minReplicaCount"))) or 1
        for name in ("canaryReadyThreshold", "primaryReadyThreshold"):
            percent = number(canary.analysis.get(name))
            if percent is not None and int((least or 1) * percent / 100) == 0:
                yield Problem(
                    f"{percent:g} % of {least or 1:g} pods round down to 0: traffic goes to a version without any "
                    "ready pod",
                    at=canary.at(name),
                )
