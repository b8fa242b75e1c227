"""A metric with threshold, the deprecated field of Flagger 0.x."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.canary import SUCCESS_RATE
from chartgen.flagger.former import FORMER_METRICS
from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.fix import DeleteKey, Fix, MoveKey, Safety
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class MetricThresholdDeprecated(CanaryRule):
    id = "metric-threshold-deprecated"
    severity = Severity.INFO
    summary = "metric with the deprecated threshold field"
    tags = ("metrics",)
    fixes = (Safety.SAFE,)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        for metric in canary.metrics:
            if "threshold" not in metric.body or canary.manifest.api_version != "flagger.app/v1beta1":
                continue
            at, bounds = (*metric.at, "threshold"), (*metric.at, "thresholdRange")
            name = metric.name if metric.has_source else FORMER_METRICS.get(metric.name, metric.name)
            bound = "min" if name == SUCCESS_RATE else "max"
            if metric.range is None:
                message = f"threshold is deprecated; write thresholdRange.{bound} instead"
                fix = Fix(f"write thresholdRange.{bound}", (MoveKey(at, bounds, bound),))
            else:
                message = f"Flagger ignores threshold next to thresholdRange; use thresholdRange.{bound} or remove it"
                fix = Fix("remove threshold", (DeleteKey(at),))
            yield Problem(message, at=at, fix=fix)
