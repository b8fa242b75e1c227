"""A deadline shorter than the pods take to get ready: every release is rolled back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.canary import number
from chartgen.rules.reading.durations import interval_seconds, told
from chartgen.rules.reading.neighbours import containers, target_of
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


_DEFAULT_DEADLINE = 600
_PULL_ALLOWANCE = 30


class ProgressDeadlineBelowStartup(CanaryRule):
    id = "progress-deadline-below-startup"
    severity = Severity.ERROR
    summary = "progressDeadlineSeconds shorter than the pods' startup"
    tags = ("schedule",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        deadline = number(canary.field("progressDeadlineSeconds"))
        if deadline is None or deadline >= _DEFAULT_DEADLINE:
            return
        at = ("spec", "progressDeadlineSeconds")
        interval = interval_seconds(canary.analysis.get("interval"))
        target = target_of(canary, rendering)
        sure, likely = _startup(target) if target else (0.0, 0.0)
        if deadline <= sure:
            yield Problem(
                f"{deadline:g} s are over before a pod can be ready (its probes begin after {sure:g} s): every release "
                "is "
                "rolled back, and no alert tells of it",
                at=at,
            )
        elif deadline < interval:
            yield Problem(
                f"{deadline:g} s are less than one interval of {told(interval)}: a canary that is not ready at its "
                "first "
                "tick is rolled back at once",
                at=at,
                severity=Severity.WARNING,
            )
        elif deadline < likely + _PULL_ALLOWANCE:
            yield Problem(
                f"the probes allow a start of {likely:g} s, pulling the image comes on top: {deadline:g} s roll slow "
                "starts back, and no alert tells of it",
                at=at,
                severity=Severity.WARNING,
            )


def _startup(target: Manifest) -> tuple[float, float]:
    """Seconds no pod is ready before, and seconds its author expects it to need: a late liveness probe tells, too."""
    sure = likely = 0.0
    for _, container in containers(target):
        for name in ("startupProbe", "readinessProbe", "livenessProbe"):
            probe = container.get(name)
            if isinstance(probe, dict):
                delay = number(probe.get("initialDelaySeconds")) or 0
                likely = max(likely, delay)
                if name != "livenessProbe":
                    sure = max(sure, delay)
                if name == "startupProbe":
                    period = number(probe.get("periodSeconds")) or 10
                    likely = max(likely, delay + (number(probe.get("failureThreshold")) or 3) * period)
    return sure, max(sure, likely)
