"""A long timeout of a gate: it limits one call, and Flagger asks again for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.durations import as_text, hook_timeout
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary

_GATES = ("confirm-rollout", "confirm-traffic-increase", "confirm-promotion")
# A gate answers at once; nobody needs minutes for one call but to wait for a person.
_LONG = 300.0


class GateTimeoutDoesNotEndWait(CanaryRule):
    id = "gate-timeout-does-not-end-wait"
    severity = Severity.WARNING
    summary = "gate with a timeout that doesn't end the wait"
    tags = ("webhooks", "schedule")

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        for hook in canary.hooks:
            seconds = hook_timeout(hook.body.get("timeout")) if hook.type in _GATES else None
            if seconds is not None and seconds >= _LONG:
                yield Problem(
                    f"timeout {as_text(seconds)} of gate {hook.name} limits one call, not the wait: Flagger asks a "
                    "closed gate again at every interval, without an end; end the wait with a rollback hook",
                    at=(*hook.at, "timeout"),
                )
