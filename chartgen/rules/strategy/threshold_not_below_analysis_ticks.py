"""A threshold above the number of checks in a run, which hardly any release reaches."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.canary import number
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class ThresholdNotBelowAnalysisTicks(CanaryRule):
    id = "threshold-not-below-analysis-ticks"
    severity = Severity.INFO
    summary = "threshold so high that an app failing every second check is promoted"
    tags = ("schedule", "strategy")

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        limit = number(canary.analysis.get("threshold"))
        ticks = self._ticks(canary)
        if limit is not None and ticks and limit > ticks and canary.analyses:
            yield Problem(
                f"threshold {limit:g} exceeds the number of checks in a run ({ticks}): failed checks only delay the "
                "run, and Flagger promotes an app that fails every second one",
                at=canary.at("threshold"),
            )

    def _ticks(self, canary: Canary) -> int:
        """Checks of a run in which all pass."""
        iterations = canary.runs_iterations(self.cluster)
        if iterations or canary.step_weights:
            return iterations or len(canary.step_weights)
        step, most = number(canary.analysis.get("stepWeight")) or 0, number(canary.analysis.get("maxWeight")) or 100
        return ceil(most / step) if step > 0 else 0
