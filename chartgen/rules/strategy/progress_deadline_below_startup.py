"""A progress deadline shorter than the pods' startup: Flagger rolls back every release."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.canary import DEFAULT_DEADLINE
from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.canary import number
from chartgen.rules.reading.durations import as_text, interval_seconds
from chartgen.rules.reading.neighbours import containers, target_of
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


_PULL_ALLOWANCE = 30


class ProgressDeadlineBelowStartup(CanaryRule):
    id = "progress-deadline-below-startup"
    severity = Severity.ERROR
    summary = "progressDeadlineSeconds shorter than the pods' startup"
    tags = ("schedule",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        deadline = number(canary.field("progressDeadlineSeconds"))
        if deadline is None or deadline >= DEFAULT_DEADLINE:
            return
        at = ("spec", "progressDeadlineSeconds")
        interval = interval_seconds(canary.analysis.get("interval"))
        target = target_of(canary, rendering)
        minimum, expected = _startup(target) if target else (0.0, 0.0)
        if deadline <= minimum:
            yield Problem(
                f"progressDeadlineSeconds {deadline:g} ends before a pod can be ready, because its probes start after "
                f"{minimum:g} s: Flagger rolls back every release without an alert",
                at=at,
            )
        elif deadline < interval:
            yield Problem(
                f"progressDeadlineSeconds {deadline:g} is less than the interval of {as_text(interval)}: Flagger rolls "
                "back a canary that isn't ready at its first check",
                at=at,
                severity=Severity.WARNING,
            )
        elif deadline < expected + _PULL_ALLOWANCE:
            yield Problem(
                f"progressDeadlineSeconds {deadline:g} is short for pods whose probes allow {expected:g} s to start, "
                "plus the image pull: Flagger may roll back slow starts, without an alert",
                at=at,
                severity=Severity.WARNING,
            )


def _startup(target: Manifest) -> tuple[float, float]:
    """The minimum and the expected seconds until a pod is ready; a late liveness probe hints at a slow start too."""
    minimum = expected = 0.0
    for _, container in containers(target):
        for name in ("startupProbe", "readinessProbe", "livenessProbe"):
            probe = container.get(name)
            if isinstance(probe, dict):
                delay = number(probe.get("initialDelaySeconds")) or 0
                expected = max(expected, delay)
                if name != "livenessProbe":
                    minimum = max(minimum, delay)
                if name == "startupProbe":
                    period = number(probe.get("periodSeconds")) or 10
                    expected = max(expected, delay + (number(probe.get("failureThreshold")) or 3) * period)
    return minimum, max(minimum, expected)
