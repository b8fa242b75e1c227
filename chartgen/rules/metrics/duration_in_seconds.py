"""A limit of request-duration that looks like seconds: Flagger expects milliseconds."""

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


class DurationInSeconds(CanaryRule):
    id = "duration-in-seconds"
    severity = Severity.WARNING
    summary = "request-duration limit that looks like seconds instead of milliseconds"
    tags = ("metrics",)
    fixes = (Safety.UNSAFE,)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        for metric in canary.metrics:
            if metric.name != "request-duration":
                continue
            at = ("thresholdRange", "max") if metric.range is not None else ("threshold",)
            most = number((metric.range or metric.body).get(at[-1]))
            if most is not None and 0 < most < 10:
                yield Problem(
                    f"request-duration is in whole milliseconds: {most:g} means {int(most)} ms; if you mean seconds, "
                    f"write {most * 1000:g}",
                    at=(*metric.at, *at),
                    fix=set_value((*metric.at, *at), round(most * 1000, 6), Safety.UNSAFE),
                )
