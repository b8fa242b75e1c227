"""An alert without severity, which Flagger never sends, and which disables the global notifier."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class AlertWithoutSeverity(CanaryRule):
    id = "alert-without-severity"
    severity = Severity.ERROR
    summary = "alert without severity, which Flagger never sends"
    tags = ("alerts",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        for at, alert in canary.alerts:
            if not alert.get("severity"):
                yield Problem(
                    f"alert {alert.get('name', '')} has no severity: Flagger never sends it, nor a global alert for "
                    "this Canary",
                    at=(*at, "name"),
                )
