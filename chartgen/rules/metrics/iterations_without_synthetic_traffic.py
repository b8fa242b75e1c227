"""Blue/green with metrics and without a load test: no user reaches the canary, so every check fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class IterationsWithoutSyntheticTraffic(CanaryRule):
    id = "iterations-without-synthetic-traffic"
    severity = Severity.ERROR
    summary = "blue/green metrics that always fail for lack of traffic"
    tags = ("metrics", "strategy")

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        if not canary.analyses or canary.strategy != "bluegreen" or canary.mirrors:
            return
        builtin = [metric for metric in canary.metrics if metric.is_builtin]
        if builtin and not any(hook.is_load_test for hook in canary.hooks):
            yield Problem(
                f"users reach the canary only after the last iteration, and no hook makes traffic: {builtin[0].name} "
                "has "
                "no values and every release is rolled back",
                at=canary.at("metrics"),
            )
