"""A custom metric without a limit: Flagger compares it with 0, or never fails it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.canary import number
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class CustomMetricWithoutLimit(CanaryRule):
    id = "custom-metric-without-limit"
    severity = Severity.ERROR
    summary = "custom metric without a limit"
    tags = ("metrics",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        for metric in canary.metrics:
            if metric.is_builtin or not metric.has_source:
                continue
            if metric.range is None and number(metric.body.get("threshold")) is None:
                yield Problem(
                    f"metric {metric.name} has no thresholdRange: Flagger compares it with 0, and any "
                    "positive value fails",
                    at=(*metric.at, "name"),
                )
            elif metric.range is not None and not {"min", "max"} & set(metric.range):
                yield Problem(
                    f"thresholdRange of metric {metric.name} is empty: every value passes",
                    at=(*metric.at, "thresholdRange"),
                )
