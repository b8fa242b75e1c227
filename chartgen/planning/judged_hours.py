"""Judges each hour of a week: whether a release that starts in it meets the budgets."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from chartgen.planning.amounts import format_number, format_share
from chartgen.planning.detection.discrimination import TOLERABLE_FALSE_ALARM, detects
from chartgen.planning.detection.monte_carlo import ROUGH_WORK
from chartgen.planning.planner import Planner, admitted_canary
from chartgen.planning.rate_bounds import first_that_meets, highest_rate, lowest_rate
from chartgen.planning.release_hours import ReleaseHours
from chartgen.planning.scenario_run import Ending
from chartgen.planning.scenarios import SUCCESS
from chartgen.planning.week_traffic import HOURS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chartgen.planning.budgets import Budgets
    from chartgen.planning.release_plan import ReleasePlan
    from chartgen.planning.request import CanaryContext, PlanRequest
    from chartgen.planning.week_traffic import WeekTraffic

# Some thirty rates are judged, and a plan takes 10 s at most: a bound is "about" one.
_WORK = ROUGH_WORK // 2


@dataclass(frozen=True, slots=True)
class _Judge:
    """Judges a rate of requests per second, for which `planner_at` plans the release. Plans each rate once."""

    planner_at: Callable[[float], Planner]
    budgets: Budgets
    _planners: dict[float, Planner] = field(default_factory=dict)

    @property
    def _most_alarms(self) -> float:
        return TOLERABLE_FALSE_ALARM if self.budgets.false_alarm is None else self.budgets.false_alarm

    def _planner(self, rps: float) -> Planner:
        if rps not in self._planners:
            self._planners[rps] = self.planner_at(rps)
        return self._planners[rps]

    def missed(self, rps: float) -> Iterator[str]:
        """The budgets that need more requests."""
        planner = self._planner(rps)
        alarm = planner.false_alarm() or 0.0
        for budget, row in zip(self.budgets.detect, planner.detection_probabilities(), strict=False):
            if row.probability < budget.probability or not detects(row.probability, alarm):
                yield f"--detect {format_share(budget.rate)}:{format_share(budget.probability)}"
        if alarm > self._most_alarms:
            yield f"--false-alarm {format_share(self._most_alarms)}"

    def detects(self, rps: float) -> bool:
        return not any(self.missed(rps))

    def spares(self, rps: float) -> bool:
        """Whether few enough requests fail."""
        if self.budgets.failed_requests is None:
            return True
        failed = self._planner(rps).failed_requests()
        return failed is None or failed.p95 <= self.budgets.failed_requests

    def too_few(self, below: float, lowest: float | None) -> str:
        """Why the rate `below` isn't enough, and which one is."""
        budgets = " and ".join(self.missed(below))
        if lowest is None:
            return f"{below:g} requests per second don't meet {budgets}"
        return f"it needs about {lowest:g} requests per second to meet {budgets}"

    def too_many(self, highest: float | None) -> str:
        limit = f"--max-failed-requests {format_number(self.budgets.failed_requests or 0.0)}"
        if highest is None:
            return f"even the fewest requests exceed {limit}"
        return f"above about {highest:g} requests per second, it exceeds {limit}"


def release_hours(
    planner_at: Callable[[float], Planner], week: WeekTraffic, budgets: Budgets, seconds: float
) -> ReleaseHours:
    """The hours in which a release of `seconds` may start; `planner_at` plans it for a rate of requests per second."""
    rates, judge = sorted(set(week.rates)), _Judge(planner_at, budgets)
    lowest = first_that_meets(rates, judge.detects)
    highest = first_that_meets(rates[::-1], judge.spares)
    bad = tuple(
        hour
        for hour in range(HOURS)
        if lowest is None
        or highest is None
        or min(week.during(hour, seconds)) < lowest
        or max(week.during(hour, seconds)) > highest
    )
    reasons = []
    if lowest != rates[0]:
        below = rates[-1] if lowest is None else rates[rates.index(lowest) - 1]
        lowest = lowest_rate(below, lowest, judge.detects)
        reasons.append(judge.too_few(below, lowest))
    if highest != rates[-1]:
        above = rates[0] if highest is None else rates[rates.index(highest) + 1]
        highest = highest_rate(highest, above, judge.spares)
        reasons.append(judge.too_many(highest))
    return ReleaseHours(week, bad, lowest, highest, tuple(reasons))


def with_release_hours(
    plan: ReleasePlan, context: CanaryContext, request: PlanRequest, budgets: Budgets
) -> ReleasePlan:
    """The plan with the hours of its week, and with what they mean as a warning or a note."""
    week, planner = request.settings.week, Planner(context, request, admitted_canary(context, request))
    run = planner.release.run(SUCCESS)
    if week is None or plan.false_alarm is None or run.ending is not Ending.PROMOTED:
        return plan
    hours = release_hours(partial(planner.at_rate, work=_WORK), week, budgets, run.seconds)
    counted = f"{week.source}: detection and false alarms count the quietest hour, failed requests the busiest one"
    if hours.bad:
        return replace(plan, hours=hours, warnings=(*plan.warnings, hours.sentence), notes=(counted, *plan.notes))
    return replace(plan, hours=hours, notes=(counted, hours.sentence, *plan.notes))
