"""A metric interval much longer or shorter than the analysis interval."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.go_durations import duration_seconds
from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.durations import as_text, interval_seconds
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


_LONG_WINDOW = 3


class MetricWindowMismatch(CanaryRule):
    id = "metric-window-mismatch"
    severity = Severity.INFO
    summary = "metric window much longer or shorter than the analysis interval"
    tags = ("metrics", "schedule")

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        interval = interval_seconds(canary.analysis.get("interval"))
        for metric in canary.metrics:
            window = duration_seconds(metric.body.get("interval"))
            if window is None or window <= 0:
                continue
            at = (*metric.at, "interval")
            if window >= _LONG_WINDOW * interval:
                yield Problem(
                    f"interval {as_text(window)} of metric {metric.name} is much longer than the analysis interval of "
                    f"{as_text(interval)}: several checks count the same errors",
                    at=at,
                )
            elif window * 2 <= interval:
                yield Problem(
                    f"interval {as_text(window)} of metric {metric.name} is much shorter than the analysis interval of "
                    f"{as_text(interval)}: part of the time is never checked",
                    at=at,
                )
