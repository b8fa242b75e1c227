"""The metric field of Flagger 0.x."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
            side = "min" if metric.name == "request-success-rate" else "max"
            ignored = "is ignored beside thresholdRange" if metric.range is not None else "is deprecated"
            at, bounds = (*metric.at, "threshold"), (*metric.at, "thresholdRange")
            change = DeleteKey(at) if metric.range is not None else MoveKey(at, bounds, side)
            told = f"threshold {ignored}: write thresholdRange.{side}"
            yield Problem(told, at=at, fix=Fix(f"write thresholdRange.{side}", (change,)))
