"""A threshold of 1 or less: a single failed check rolls the release back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.canary import number
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class ThresholdOne(CanaryRule):
    id = "threshold-one"
    severity = Severity.WARNING
    summary = "threshold of 1 or less, which rolls back at a single failed check"
    tags = ("schedule",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        limit = number(canary.analysis.get("threshold"))
        if limit is not None and limit <= 1 and canary.analyses:
            reading = "" if limit == 1 else ", which counts as 1,"
            yield Problem(
                f"threshold {limit:g}{reading} rolls back at the first failed check, even if a metric just has no "
                "values yet",
                at=canary.at("threshold"),
            )
