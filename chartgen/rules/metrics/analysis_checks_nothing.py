"""An analysis without a check that can fail: Flagger promotes every release."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


# Gates that a person opens.
_GATES = ("confirm-promotion", "confirm-traffic-increase")


class AnalysisChecksNothing(CanaryRule):
    id = "analysis-checks-nothing"
    severity = Severity.ERROR
    summary = "analysis without a check that can fail"
    tags = ("metrics", "webhooks")

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        if not canary.analyses or any(True for _ in canary.metrics):
            return
        hooks = list(canary.hooks)
        if any(hook.blocks or hook.type in {*_GATES, "rollback"} for hook in hooks):
            return
        has_test = any(hook.type == "pre-rollout" for hook in hooks)
        has_load_test = any(hook.is_load_test for hook in hooks)
        reason = "there is no metric and no rollout hook"
        if has_load_test:
            reason = "there is no metric, and a load test of type cmd never fails"
        yield Problem(
            f"no check can fail once users get the new version: {reason}, so Flagger promotes every "
            "release whose pods become ready",
            at=canary.at("webhooks") if hooks else canary.at(),
            severity=Severity.WARNING if has_test or has_load_test else None,
        )
