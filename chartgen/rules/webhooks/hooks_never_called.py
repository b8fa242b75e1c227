"""Hooks of a Canary with skipAnalysis, which Flagger doesn't call."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.behavior import behavior
from chartgen.flagger.crd import NEWEST
from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


# What scheduler.go:shouldSkipAnalysis leaves out; confirm-rollout runs before it.
_SKIPPED = ("pre-rollout", "rollout", "confirm-traffic-increase", "confirm-promotion", "rollback")


class HooksNeverCalled(CanaryRule):
    id = "hooks-never-called"
    severity = Severity.WARNING
    summary = "hooks that skipAnalysis leaves out"
    tags = ("webhooks", "strategy")

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002

        if canary.field("skipAnalysis") is not True:
            return
        skipped: tuple[str, ...] = _SKIPPED
        if not behavior(self.cluster.flagger or NEWEST).skipped_run_hooks:
            skipped = (*skipped, "post-rollout")
        for hook in canary.hooks:
            if hook.type in skipped:
                after = " after a promotion" if hook.type == "post-rollout" else ""
                yield Problem(
                    f"hook {hook.name} ({hook.type}) is never called{after}, because skipAnalysis promotes at once; "
                    "remove skipAnalysis or the hook",
                    at=(*hook.at, "name"),
                )
