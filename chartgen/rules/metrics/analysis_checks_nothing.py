"""An analysis that cannot fail: every release is promoted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


_PEOPLE = ("confirm-promotion", "confirm-traffic-increase")


class AnalysisChecksNothing(CanaryRule):
    id = "analysis-checks-nothing"
    severity = Severity.ERROR
    summary = "analysis without a check that can fail"
    tags = ("metrics", "webhooks")

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        if not canary.analyses or any(True for _ in canary.metrics):
            return
        hooks = list(canary.hooks)
        if any(hook.blocks or hook.type in {*_PEOPLE, "rollback"} for hook in hooks):
            return
        tested = any(hook.type == "pre-rollout" for hook in hooks)
        loads = any(hook.is_load_test for hook in hooks)
        why = (
            "a load test of type cmd is only started and never fails"
            if loads
            else "there is no metric and no rollout hook"
        )
        yield Problem(
            f"once traffic flows nothing can stop a release: {why}; every one is promoted",
            at=canary.at("webhooks") if hooks else canary.at(),
            severity=Severity.WARNING if tested or loads else None,
        )
