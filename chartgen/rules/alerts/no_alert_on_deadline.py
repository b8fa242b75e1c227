"""Nobody hears of a rollback for a missed deadline."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class NoAlertOnDeadline(CanaryRule):
    id = "no-alert-on-deadline"
    severity = Severity.INFO
    summary = "rollbacks at the progress deadline that send no alert"
    tags = ("alerts",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        if any(True for _ in canary.alerts) and not any(hook.type == "event" for hook in canary.hooks):
            yield Problem(
                "a release that is rolled back for its progress deadline sends no alert: an event hook, or an alert on "
                "flagger_canary_status, tells of it",
                at=canary.at("alerts"),
            )
