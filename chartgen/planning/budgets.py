"""Budgets: what a release may cost at most. A pure judgement of a plan, for `plan` and for a lint policy alike."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chartgen.errors import UsageError
from chartgen.planning.amounts import seconds_of, share_of, told_number, told_seconds, told_share
from chartgen.planning.scenarios import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.planning.release_plan import Played, ReleasePlan


@dataclass(frozen=True, slots=True)
class Detect:
    """A release failing with `rate` must be rolled back with at least `probability` (shares, 0..1)."""

    rate: float
    probability: float


@dataclass(frozen=True, slots=True)
class Budgets:
    """Limits, each None where it is not set: percent·minutes, seconds, seconds, requests."""

    exposure: float | None = None
    duration: float | None = None
    rollback_time: float | None = None
    failed_requests: float | None = None
    detect: tuple[Detect, ...] = ()

    def __bool__(self) -> bool:
        limits = (self.exposure, self.duration, self.rollback_time, self.failed_requests)
        return any(limit is not None for limit in limits) or bool(self.detect)


@dataclass(frozen=True, slots=True)
class Excess:
    """One budget that is exceeded: its option's name, the limit and what was found, both told."""

    budget: str
    limit: str
    found: str

    @property
    def told(self) -> str:
        return f"--{self.budget} {self.limit} is exceeded: {self.found}"


def exceeded(plan: ReleasePlan, budgets: Budgets) -> tuple[Excess, ...]:
    """All budgets the plan exceeds, in the order of the options.

    The duration judges the scenario `success`; exposure and rollback time the worst of all scenarios played.
    """
    return tuple(_excesses(plan, budgets))


def _excesses(plan: ReleasePlan, budgets: Budgets) -> Iterator[Excess]:
    if budgets.exposure is not None:
        worst = max(plan.played, key=lambda one: one.figures.exposure)
        if worst.figures.exposure > budgets.exposure:
            found = f"{told_number(worst.figures.exposure)} percent·minutes in scenario {worst.course.scenario.text}"
            yield Excess("max-exposure", f"{budgets.exposure:g}", found)
    if budgets.duration is not None:
        yield from _duration(plan, budgets.duration)
    if budgets.rollback_time is not None:
        yield from _rollback(plan, budgets.rollback_time)
    if budgets.failed_requests is not None:
        yield from _failed(plan, budgets.failed_requests)
    for detect in budgets.detect:
        yield from _detect(plan, detect)


def _duration(plan: ReleasePlan, limit: float) -> Iterator[Excess]:
    """A success that never comes takes longer than any limit."""
    success = next((one for one in plan.played if one.course.scenario.kind is Kind.SUCCESS), None)
    if success is None:
        raise UsageError("--max-duration judges the scenario success", hint="add --scenario success")
    taken = success.figures.promote_seconds
    if taken is None or taken > limit:
        found = "it never promotes" if taken is None or math.isinf(taken) else f"{told_seconds(taken)} to promote"
        yield Excess("max-duration", told_seconds(limit), found)


def _rollback(plan: ReleasePlan, limit: float) -> Iterator[Excess]:
    times = [_rollback_of(one) for one in plan.played]
    worst = max([time for time in times if time is not None], default=None)
    if worst is None or worst > limit:
        found = "a bad release is never rolled back" if worst is None or math.isinf(worst) else told_seconds(worst)
        yield Excess("max-rollback-time", told_seconds(limit), found)


def _rollback_of(one: Played) -> float | None:
    return one.figures.rollback_seconds


def _failed(plan: ReleasePlan, limit: float) -> Iterator[Excess]:
    counts = [one.figures.failed for one in plan.played if one.course.scenario.kind is Kind.FAIL]
    found = max([count for count in (plan.failed_at_worst, *counts) if count is not None], default=None)
    if found is None:
        raise UsageError("--max-failed-requests needs the traffic", hint="add --rps, and --error-rate if not all fail")
    if found > limit:
        yield Excess("max-failed-requests", told_number(limit), f"{told_number(found)} failed requests")


def _detect(plan: ReleasePlan, wanted: Detect) -> Iterator[Excess]:
    found = next((one.probability for one in plan.detected if one.rate == wanted.rate), None)
    if found is None:
        raise UsageError("--detect needs the traffic", hint="add --rps, the requests a second on the whole service")
    if found < wanted.probability:
        limit = f"{told_share(wanted.rate)}:{told_share(wanted.probability)}"
        yield Excess("detect", limit, f"rolled back with probability {told_share(found)}")


def parse_detect(text: str) -> Detect:
    """`2%:95%`."""
    rate, found, probability = text.partition(":")
    if not found:
        raise UsageError(f"--detect {text!r} names no probability", hint="write RATE:PROBABILITY, as 2%:95%")
    return Detect(share_of(rate, "--detect"), share_of(probability, "--detect"))


def parse_budgets(
    exposure: float | None, duration: str, rollback_time: str, failed_requests: float | None, detect: list[str]
) -> Budgets:
    """The budgets as a command line or a policy writes them; empty texts are limits that are not set."""
    return Budgets(
        exposure=_not_negative(exposure, "--max-exposure"),
        duration=seconds_of(duration, "--max-duration") if duration else None,
        rollback_time=seconds_of(rollback_time, "--max-rollback-time") if rollback_time else None,
        failed_requests=_not_negative(failed_requests, "--max-failed-requests"),
        detect=tuple(parse_detect(one) for one in detect),
    )


def _not_negative(value: float | None, option: str) -> float | None:
    if value is not None and not value >= 0:
        raise UsageError(f"{option} {value} is no limit", hint="give a number from 0 up")
    return value
