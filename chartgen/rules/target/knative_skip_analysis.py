"""skipAnalysis on a Knative Canary: the old revision keeps all traffic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class KnativeSkipAnalysis(CanaryRule):
    id = "knative-skip-analysis"
    severity = Severity.ERROR
    summary = "skipAnalysis on a Knative Canary, which never gets traffic"
    tags = ("providers", "strategy")

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        if canary.field("skipAnalysis") is True and canary.fields.knative_target:
            yield Problem(
                "with skipAnalysis, Flagger announces Succeeded without changing the Knative Service's traffic: the "
                "old revision keeps 100 %, and every later release ends in 'traffic spec invalid'; remove skipAnalysis",
                at=("spec", "skipAnalysis"),
            )
