"""Budgets limit what a release may cost. A pure function judges a plan, for `plan` and for a lint policy."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from chartgen.errors import UsageError
from chartgen.planning.amounts import (
    format_exposure,
    format_number,
    format_probability,
    format_seconds,
    format_share,
    seconds_of,
    share_of,
)
from chartgen.planning.detection.detection_budget import DetectionBudget
from chartgen.planning.detection.discrimination import detects
from chartgen.planning.scenarios import ScenarioKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.planning.release_plan import ReleasePlan

_MISSING_HINTS = {
    "--rps": "add --rps N, the requests per second on the whole service, and --error-rate if not all of them fail",
    "--match-share": "add --match-share SHARE, the share of all requests that the A/B test matches",
}


@dataclass(frozen=True, slots=True)
class Budgets:
    """Limits, each None if it isn't set: percent·minutes, seconds, seconds, requests, a probability (0..1).

    `from_policy` are the names of the budgets that the configuration file `source` sets.
    """

    exposure: float | None = None
    duration: float | None = None
    rollback_time: float | None = None
    failed_requests: float | None = None
    detect: tuple[DetectionBudget, ...] = ()
    false_alarm: float | None = None
    source: str = ""
    from_policy: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.names)

    @property
    def names(self) -> frozenset[str]:
        """The names of the budgets that are set, as options and keys of a policy have them."""
        limits = {
            "max-exposure": self.exposure,
            "max-duration": self.duration,
            "max-rollback-time": self.rollback_time,
            "max-failed-requests": self.failed_requests,
            "detect": self.detect or None,
            "false-alarm": self.false_alarm,
        }
        return frozenset(name for name, limit in limits.items() if limit is not None)


@dataclass(frozen=True, slots=True)
class ExceededBudget:
    """An exceeded budget: the name of its option, and the limit and the actual value as text.

    `source` is the configuration file that sets it, empty if an option does.
    """

    budget: str
    limit: str
    found: str
    source: str = ""

    @property
    def message(self) -> str:
        verb = "isn't met" if self.budget == "detect" else "is exceeded"
        if self.source:
            return f"policy.{self.budget} {self.limit} ({self.source}) {verb}: {self.found}"
        return f"--{self.budget} {self.limit} {verb}: {self.found}"


def exceeded(plan: ReleasePlan, budgets: Budgets) -> tuple[ExceededBudget, ...]:
    """All budgets that the plan exceeds, in the order of the options.

    The duration applies to the scenario `success`; exposure and rollback time apply to the worst scenario.
    """
    return tuple(
        replace(excess, source=budgets.source) if excess.budget in budgets.from_policy else excess
        for excess in _exceeded(plan, budgets)
    )


def _exceeded(plan: ReleasePlan, budgets: Budgets) -> Iterator[ExceededBudget]:
    if budgets.exposure is not None:
        worst = max(plan.results, key=lambda result: result.summary.exposure)
        if worst.summary.exposure > budgets.exposure:
            found = f"{format_exposure(worst.summary.exposure)} in scenario {worst.run.scenario.text}"
            yield ExceededBudget("max-exposure", f"{budgets.exposure:g}", found)
    if budgets.duration is not None:
        yield from _exceeded_duration(plan, budgets.duration)
    if budgets.rollback_time is not None:
        yield from _exceeded_rollback_time(plan, budgets.rollback_time)
    if budgets.failed_requests is not None:
        yield from _exceeded_failed_requests(plan, budgets.failed_requests)
    for budget in budgets.detect:
        yield from _exceeded_detection(plan, budget)
    if budgets.false_alarm is not None:
        yield from _exceeded_false_alarm(plan, budgets.false_alarm)


def _exceeded_duration(plan: ReleasePlan, limit: float) -> Iterator[ExceededBudget]:
    """A release that is never promoted exceeds every limit."""
    success = next((result for result in plan.results if result.run.scenario.kind is ScenarioKind.SUCCESS), None)
    if success is None:
        raise UsageError("--max-duration requires the scenario success", hint="add --scenario success")
    seconds = success.summary.promote_seconds
    if seconds is None or seconds > limit:
        never = seconds is None or math.isinf(seconds)
        found = "Flagger never promotes the release" if never else f"{format_seconds(seconds)} to promote"
        yield ExceededBudget("max-duration", format_seconds(limit), found)


def _exceeded_rollback_time(plan: ReleasePlan, limit: float) -> Iterator[ExceededBudget]:
    times = [result.summary.rollback_seconds for result in plan.results]
    worst = max([time for time in times if time is not None], default=None)
    if worst is None or worst > limit:
        never = worst is None or math.isinf(worst)
        found = "Flagger never rolls back a bad release" if never else format_seconds(worst)
        yield ExceededBudget("max-rollback-time", format_seconds(limit), found)


def _exceeded_failed_requests(plan: ReleasePlan, limit: float) -> Iterator[ExceededBudget]:
    """The 95th percentile counts: one rollout in twenty may fail more requests."""
    failed = plan.failed_requests
    if failed is None:
        raise _missing("--max-failed-requests", plan)
    if failed.p95 > limit:
        found = (
            f"{format_number(failed.p95)} failed requests at the 95th percentile, {format_number(failed.mean)} on"
            f" average{plan.settings.failure_hour}, if {format_share(failed.rate)} of the requests fail; promoted with"
            f" probability {format_share(failed.promoted)}"
        )
        yield ExceededBudget("max-failed-requests", format_number(limit), found)


def _exceeded_detection(plan: ReleasePlan, budget: DetectionBudget) -> Iterator[ExceededBudget]:
    rates = {each.rate: each.probability for each in plan.detection_probabilities}
    if budget.rate not in rates:
        raise _missing("--detect", plan)
    probability, alarm = rates[budget.rate], plan.false_alarm or 0.0
    limit = f"{format_share(budget.rate)}:{format_share(budget.probability)}"
    found = f"a release that fails {format_share(budget.rate)} is rolled back with probability"
    hour = plan.settings.detection_hour
    if probability < budget.probability:
        # Whole percent, unless they would look like the limit.
        rounded = round(probability, 2)
        shown = format_share(probability if rounded >= budget.probability or not rounded else rounded)
        yield ExceededBudget("detect", limit, f"{found} {shown}{hour}")
    elif not detects(probability, alarm):
        both = f"{found} {format_probability(probability)}, and a healthy one with {format_probability(alarm)}"
        yield ExceededBudget("detect", limit, f"{both}{hour}: that is no detection")


def _exceeded_false_alarm(plan: ReleasePlan, limit: float) -> Iterator[ExceededBudget]:
    if plan.false_alarm is None:
        raise _missing("--false-alarm", plan)
    if plan.false_alarm > limit:
        found = f"a healthy release is rolled back with probability {format_share(plan.false_alarm)}"
        found += plan.settings.detection_hour
        yield ExceededBudget("false-alarm", format_share(limit), found)


def _missing(option: str, plan: ReleasePlan) -> UsageError:
    """The option without which there is no number to judge."""
    missing = "--rps" if plan.settings.rps is None else "--match-share"
    return UsageError(f"{option} requires {missing}", hint=_MISSING_HINTS[missing])


def parse_detection_budget(text: str) -> DetectionBudget:
    """`2%:95%`."""
    rate, colon, probability = text.partition(":")
    if not colon:
        raise UsageError(f"--detect: {text!r} has no probability", hint="write RATE:PROBABILITY, for example 2%:95%")
    return DetectionBudget(share_of(rate, "--detect"), share_of(probability, "--detect"))


def parse_budgets(
    exposure: float | None,
    duration: str,
    rollback_time: str,
    failed_requests: float | None,
    detect: list[str],
    false_alarm: str = "",
) -> Budgets:
    """The budgets of a command line or a policy. An empty text means that the limit isn't set."""
    return Budgets(
        exposure=_at_least_zero(exposure, "--max-exposure"),
        duration=seconds_of(duration, "--max-duration") if duration else None,
        rollback_time=seconds_of(rollback_time, "--max-rollback-time") if rollback_time else None,
        failed_requests=_at_least_zero(failed_requests, "--max-failed-requests"),
        detect=tuple(parse_detection_budget(text) for text in detect),
        false_alarm=share_of(false_alarm, "--false-alarm") if false_alarm else None,
    )


def _at_least_zero(value: float | None, option: str) -> float | None:
    if value is not None and not value >= 0:
        raise UsageError(f"{option} must be at least 0", hint=f"replace {value:g} with a number from 0 up")
    return value
