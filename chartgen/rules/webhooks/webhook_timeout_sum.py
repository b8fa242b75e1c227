"""Rollout hooks that may take longer than the interval."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.canary import number
from chartgen.rules.reading.durations import as_text, hook_timeout, interval_seconds
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class WebhookTimeoutSum(CanaryRule):
    id = "webhook-timeout-sum"
    severity = Severity.WARNING
    summary = "rollout hooks that may take longer than the interval"
    tags = ("webhooks", "schedule")

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        interval = interval_seconds(canary.analysis.get("interval"))
        total = sum(
            (hook_timeout(hook.body.get("timeout")) or 0) * ((number(hook.body.get("retries")) or 0) + 1)
            for hook in canary.hooks
            if hook.type == "rollout"
        )
        if total > interval:
            yield Problem(
                f"the rollout hooks may take {as_text(total)}, longer than the interval of {as_text(interval)}: "
                "Flagger then drops ticks, and the run takes longer than planned",
                at=canary.at("webhooks"),
            )
