"""A success rate written as a fraction: Flagger expects a percentage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.fix import Safety, set_value
from chartgen.rules.reading.canary import number
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class SuccessRateAsFraction(CanaryRule):
    id = "success-rate-as-fraction"
    severity = Severity.ERROR
    summary = "success rate written as a fraction instead of a percentage"
    tags = ("metrics",)
    fixes = (Safety.SAFE,)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        for metric in canary.metrics:
            if metric.name != "request-success-rate":
                continue
            at = ("thresholdRange", "min") if metric.range is not None else ("threshold",)
            least = number((metric.range or metric.body).get(at[-1]))
            if least is not None and 0 < least <= 1:
                yield Problem(
                    f"request-success-rate is a percentage: with {least:g}, 99 % of the requests may fail; "
                    f"write {least * 100:g}",
                    at=(*metric.at, *at),
                    # 1 may be intended: Flagger's own tests use it to let nearly everything pass.
                    severity=Severity.WARNING if least == 1 else None,
                    fix=set_value((*metric.at, *at), round(least * 100, 6)) if least < 1 else None,
                )
