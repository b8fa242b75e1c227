"""Blue/green with builtin metrics but without a load test: the canary gets no traffic, so every check fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.strategy import Strategy
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
        if not canary.analyses or canary.strategy(self.cluster) is not Strategy.BLUE_GREEN or canary.mirrors:
            return
        builtin = [metric for metric in canary.metrics if metric.is_builtin]
        if builtin and not any(hook.is_load_test for hook in canary.hooks):
            # The application itself counts, so the kubelet's probes may be requests, too.
            counts_probes = canary.provider(self.cluster) == "kubernetes"
            effect = (
                "may have no values, and Flagger then rolls" if counts_probes else "has no values, and Flagger rolls"
            )
            yield Problem(
                f"no hook generates traffic, and users reach the canary only after the last iteration: "
                f"{builtin[0].name} {effect} back every release",
                at=canary.at("metrics"),
                severity=Severity.WARNING if counts_probes else None,
            )
