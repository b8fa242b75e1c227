"""Judges each hour of a week: whether a release that starts in it meets the budgets."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chartgen.planning.detection.monte_carlo import WORK
from chartgen.planning.planner import Planner, admitted_canary
from chartgen.planning.release_hours import ReleaseHours
from chartgen.planning.scenario_run import Ending
from chartgen.planning.scenarios import SUCCESS
from chartgen.planning.week_traffic import HOURS, hour_name

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chartgen.planning.budgets import Budgets
    from chartgen.planning.release_plan import ReleasePlan
    from chartgen.planning.request import CanaryContext, PlanRequest
    from chartgen.planning.week_traffic import WeekTraffic

# Without a budget for false alarms, this many of the healthy releases may be rolled back.
_FALSE_ALARM = 0.01
# Enough to compare the traffic of other hours.
_ROUGH_WORK = WORK // 20


def release_hours(
    planner_at: Callable[[float], Planner], week: WeekTraffic, budgets: Budgets, seconds: float
) -> ReleaseHours:
    """The hours in which a release of `seconds` may start; `planner_at` plans it for a rate of requests per second."""
    rates = sorted(set(week.rates))

    def detects(rps: float) -> bool:
        planner = planner_at(rps)
        found = zip(budgets.detect, planner.detection_probabilities(), strict=False)
        limit = _FALSE_ALARM if budgets.false_alarm is None else budgets.false_alarm
        return (
            all(row.probability >= budget.probability for budget, row in found)
            and (planner.false_alarm() or 0.0) <= limit
        )

    def spares(rps: float) -> bool:
        failed = planner_at(rps).failed_requests()
        return budgets.failed_requests is None or failed is None or failed.p95 <= budgets.failed_requests

    lowest = _first(rates, detects)
    highest = _first(rates[::-1], spares)
    bad = tuple(
        hour
        for hour in range(HOURS)
        if lowest is None
        or highest is None
        or min(week.during(hour, seconds)) < lowest
        or max(week.during(hour, seconds)) > highest
    )
    return ReleaseHours(week, bad, lowest, highest)


def with_release_hours(
    plan: ReleasePlan, context: CanaryContext, request: PlanRequest, budgets: Budgets
) -> ReleasePlan:
    """The plan with the hours of its week, and with what they mean as a warning or a note."""
    week, planner = request.settings.week, Planner(context, request, admitted_canary(context, request))
    run = planner.release.run(SUCCESS)
    if week is None or plan.false_alarm is None or run.ending is not Ending.PROMOTED:
        return plan
    hours = release_hours(lambda rps: planner.at_rate(rps, _ROUGH_WORK), week, budgets, run.seconds)
    counted = (
        f"{week.source}: detection and false alarms count the quietest hour ({hour_name(week.quietest)},"
        f" {min(week.rates):g} requests per second), failed requests the busiest one ({hour_name(week.busiest)},"
        f" {max(week.rates):g})"
    )
    if hours.bad:
        return replace(plan, hours=hours, warnings=(*plan.warnings, hours.sentence), notes=(*plan.notes, counted))
    return replace(plan, hours=hours, notes=(*plan.notes, counted, hours.sentence))


def _first(rates: Sequence[float], meets: Callable[[float], bool]) -> float | None:
    """The first rate that meets a budget, if all after it do, too: found by bisection."""
    low, high = 0, len(rates)
    while low < high:
        middle = (low + high) // 2
        if meets(rates[middle]):
            high = middle
        else:
            low = middle + 1
    return rates[low] if low < len(rates) else None
