"""A Canary with skipAnalysis: Flagger promotes every change without an analysis."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.fix import Safety, set_value
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class SkipAnalysisLeftOn(CanaryRule):
    id = "skip-analysis-left-on"
    severity = Severity.WARNING
    summary = "skipAnalysis, which promotes every change unchecked"
    tags = ("strategy", "lifecycle")
    fixes = (Safety.UNSAFE,)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        if canary.field("skipAnalysis") is True:
            yield Problem(
                "skipAnalysis is true: Flagger promotes every change unchecked, and during bootstrap it scales the "
                "target to zero without waiting for the primary",
                at=("spec", "skipAnalysis"),
                fix=set_value(("spec", "skipAnalysis"), False, Safety.UNSAFE),
            )
