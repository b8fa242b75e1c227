"""A rollback at the progress deadline that sends no alert."""

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
                "Flagger sends no alert when it rolls back at the progress deadline; add an event hook, or alert on "
                "the metric flagger_canary_status",
                at=canary.at("alerts"),
            )
