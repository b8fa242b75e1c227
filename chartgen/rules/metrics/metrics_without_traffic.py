"""Metrics that need requests, and nothing in the Canary that makes some."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class MetricsWithoutTraffic(CanaryRule):
    id = "metrics-without-traffic"
    severity = Severity.INFO
    summary = "builtin metrics without a hook that generates traffic"
    tags = ("metrics",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        if not canary.analyses or (canary.strategy == "bluegreen" and not canary.mirrors):
            return  # iterations-without-synthetic-traffic tells that
        builtin = [metric for metric in canary.metrics if metric.is_builtin]
        if builtin and not any(hook.is_load_test for hook in canary.hooks):
            yield Problem(
                "without requests in its window a metric has no values, which counts as a failed check: at night or in "
                "staging releases are rolled back; a load test as rollout hook makes traffic",
                at=canary.at("metrics"),
            )
