"""A blocking task that runs at least as long as its webhook's timeout."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.go_durations import duration_seconds
from chartgen.patterns import lazy_pattern
from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.durations import as_text, hook_timeout
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


_RUNS = lazy_pattern(
    r"(?:-z|--duration|-d|--timeout|-t)[ =](?P<time>\d+(?:\.\d+)?(?:ms|s|m|h))\b|\bsleep (?P<sleep>\d+)"
)
_BLOCKING = {"bash", "helm", "helmv3", "kubectl"}


class WebhookTimeoutBelowCommand(CanaryRule):
    id = "webhook-timeout-below-command"
    severity = Severity.ERROR
    summary = "blocking task that runs longer than its timeout"
    tags = ("webhooks", "schedule")

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        for hook in canary.hooks:
            limit = hook_timeout(hook.body.get("timeout"))
            duration = _duration(hook.command) if hook.task in _BLOCKING else None
            if duration is not None and limit is not None and duration >= limit:
                yield Problem(
                    f"the {hook.task} task of hook {hook.name} runs for {as_text(duration)}, but Flagger cancels "
                    f"the call after {as_text(limit)}: the hook fails every time; raise timeout",
                    at=(*hook.at, "timeout" if hook.body.get("timeout") else "name"),
                )


def _duration(command: str) -> float | None:
    """The longest duration in the command, in seconds."""
    durations = [
        float(match["sleep"]) if match["sleep"] else duration_seconds(match["time"]) or 0
        for match in _RUNS.finditer(command)
    ]
    return max(durations, default=None)
