"""A canary that starts with one pod and gets a large share of many pods' traffic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.strategy import Strategy
from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.canary import number
from chartgen.rules.reading.neighbours import scalers_of
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


_SHARE = 50
_MANY = 4


class CanaryUndersized(CanaryRule):
    id = "canary-undersized"
    severity = Severity.INFO
    summary = "single canary pod that gets a large share of many pods' traffic"
    tags = ("scaling",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        share = self._share(canary)
        for scaler in scalers_of(canary, rendering):
            min_key = "minReplicaCount" if scaler.kind == "ScaledObject" else "minReplicas"
            max_key = min_key.replace("min", "max")
            minimum, maximum = number(scaler.get(("spec", min_key))) or 1, number(scaler.get(("spec", max_key))) or 1
            if share >= _SHARE and minimum <= 1 and maximum >= _MANY:
                yield Problem(
                    f"{min_key} is {minimum:g}: the canary may start with a single pod, get {share:g} % of the traffic "
                    f"of up to {maximum:g} pods, and be rolled back because of latency; raise {min_key}",
                    at=("spec", min_key),
                    manifest=scaler,
                )

    def _share(self, canary: Canary) -> float:
        """The largest share of the traffic that the canary gets, in percent."""
        if canary.strategy(self.cluster) is not Strategy.WEIGHTS:
            return 0
        steps = [number(weight) or 0 for weight in canary.step_weights]
        return max(steps, default=number(canary.analysis.get("maxWeight")) or 100)
