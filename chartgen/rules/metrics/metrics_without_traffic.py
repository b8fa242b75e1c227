"""Builtin metrics, which need requests, but no hook that generates traffic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.strategy import Strategy
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
        if not canary.analyses or (canary.strategy(self.cluster) is Strategy.BLUE_GREEN and not canary.mirrors):
            return  # see iterations-without-synthetic-traffic
        builtin = [metric for metric in canary.metrics if metric.is_builtin]
        if builtin and not any(hook.is_load_test for hook in canary.hooks):
            yield Problem(
                "no hook generates traffic: a check without requests counts as failed, so Flagger may roll back "
                "releases on quiet clusters; add a load test as a rollout hook",
                at=canary.at("metrics"),
            )
