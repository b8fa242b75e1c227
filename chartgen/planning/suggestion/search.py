"""Searches the settings that meet the budgets, and says which budget is in the way if none does."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from chartgen.planning.detection.monte_carlo import ROUGH_WORK
from chartgen.planning.judged_hours import release_hours
from chartgen.planning.load_tests import assumed_rate
from chartgen.planning.planner import Planner, admitted_canary
from chartgen.planning.suggestion.contender import Contender
from chartgen.planning.suggestion.feasibility import require_searchable, tolerated, unreachable
from chartgen.planning.suggestion.nearest import nearest_contenders, single_obstacles
from chartgen.planning.suggestion.outcome import excesses, pareto_front
from chartgen.planning.suggestion.race import Race
from chartgen.planning.suggestion.schedule import Chains, Schedule, planner_of, schedule_of
from chartgen.planning.suggestion.setting import Setting, setting_of, with_setting
from chartgen.planning.suggestion.space import INTERVALS, Limits, is_allowed, routings, windows
from chartgen.planning.suggestion.suggestion import OtherTraffic, Suggestion
from chartgen.planning.suggestion.verdict import judged_outcome
from chartgen.planning.traffic import describe_counters

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chartgen.planning.budgets import Budgets
    from chartgen.planning.release_hours import ReleaseHours
    from chartgen.planning.request import CanaryContext, PlanRequest
    from chartgen.planning.suggestion.outcome import Outcome

# The time spans that one search may sample, and those to find the nearest setting if none meets the budgets.
_WORK, _NEAREST_WORK = 350_000, 150_000
# Without --max-duration, releases may take this long (seconds).
_LONGEST = 7200.0
# How many of the best settings are computed as plan does, until one meets the budgets there too.
_TRIES = 5
# Settings must keep this many standard errors from the probability to detect.
_MARGIN = 1.0
_MOST_SHOWN = 8
# How much slower than --max-duration the nearest setting may be.
_SLOWER = 4


def suggest(context: CanaryContext, request: PlanRequest, budgets: Budgets, limits: Limits) -> Suggestion:
    """The settings of one Canary; UsageError if a search makes no sense for it. `budgets` need a rate to detect.

    With the traffic of a week, they should meet the budgets in the quietest hour. If none do, the search repeats for
    the hours with at least the median traffic.
    """
    search, week = _Search(context, request, budgets, limits), request.settings.week
    if week is None:
        return search.run()
    obstacles = search.impossible
    median = sorted(week.rates)[len(week.rates) // 2]
    if not obstacles or median == request.settings.rps:
        found = search.run()
        if found.chosen or median == request.settings.rps:
            return found
        obstacles = found.obstacles
    usual = request._replace(settings=request.settings._replace(rps=median))
    other = _Search(context, usual, budgets, limits).run()
    return replace(other, quietest_obstacles=obstacles)


@dataclass(slots=True)
class _Search:
    context: CanaryContext
    request: PlanRequest
    budgets: Budgets
    limits: Limits
    planner: Planner = field(init=False)
    chains: Chains = field(default_factory=Chains)

    def __post_init__(self) -> None:
        self.planner = Planner(self.context, self.request, admitted_canary(self.context, self.request))
        require_searchable(self.planner)

    @property
    def impossible(self) -> tuple[str, ...]:
        """Why no setting at all can meet the budgets."""
        return tuple(unreachable(self.planner, self.budgets, self.budgets.duration or _LONGEST))

    def run(self) -> Suggestion:
        longest, impossible = self.budgets.duration or _LONGEST, self.impossible
        schedules = list(self._schedules(longest))
        contenders = list(self._contenders(schedules))
        feasible: list[Outcome] = []
        if not impossible:
            race = Race(self.budgets, _WORK)
            feasible = list(self._feasible(race.run(contenders)))
        found = self._found(len(contenders))
        chosen = self._verified(feasible)
        if found.current and found.current_suffices and not (chosen and chosen.is_faster(found.current)):
            chosen = found.current
        if chosen is None:
            return self._without_one(found, impossible, contenders)
        return self._with(found, chosen, feasible)

    def _with(self, found: Suggestion, chosen: Outcome, feasible: Sequence[Outcome]) -> Suggestion:
        others = (outcome for outcome in feasible if outcome.setting != chosen.setting)
        slower = (outcome for outcome in others if outcome.promote_seconds >= chosen.promote_seconds)
        front = [outcome for outcome in pareto_front((chosen, *slower)) if outcome.setting != chosen.setting]
        planner = self.planner if chosen is found.current else self._planner(chosen.setting)
        return replace(
            found,
            front=(chosen, *front[: _MOST_SHOWN - 1]),
            chosen=chosen,
            manifest=planner.canary.manifest,
            other_traffic=tuple(self._other_traffic(chosen.setting, planner)),
            hours=self._hours(chosen, planner),
        )

    def _found(self, searched: int) -> Suggestion:
        current, strategy = setting_of(self.planner.canary), self.planner.release.approach.strategy
        return Suggestion(
            subject=self.planner.subject(),
            settings=self.request.settings,
            budgets=self.budgets,
            counters=self._counters(),
            searched=searched,
            current=judged_outcome(self.planner, current) if current else None,
            current_is_allowed=current is not None and is_allowed(strategy, self.limits, current),
        )

    def _counters(self) -> str:
        load = assumed_rate(self.planner.canary) if self.request.settings.synthetic_rps is None else None
        return "; ".join(filter(None, (describe_counters(self.planner.traffic(), self.planner.pods), load)))

    def _schedules(self, longest: float) -> Iterator[Schedule]:
        canary = self.planner.canary
        for routing in routings(self.planner.release.approach.strategy, self.limits, setting_of(canary)):
            for interval in INTERVALS:
                if routing.checks * interval <= longest:
                    schedule = schedule_of(self.context, self.request, canary, routing, interval, self.chains)
                    if schedule is not None and schedule.promote_seconds <= longest:
                        yield schedule

    def _contenders(self, schedules: Sequence[Schedule]) -> Iterator[Contender]:
        rates = tuple(budget.rate for budget in self.budgets.detect)
        for schedule in schedules:
            for window in windows(schedule.interval, self.request.settings.scrape_seconds):
                yield Contender.of(schedule, window, rates)

    def _feasible(self, contenders: Sequence[Contender]) -> Iterator[Outcome]:
        for contender in contenders:
            for threshold in contender.thresholds:
                outcome = contender.outcome(threshold)
                if not any(excesses(outcome, self.budgets, margin=_MARGIN)):
                    yield outcome

    def _planner(self, setting: Setting) -> Planner:
        return planner_of(self.context, self.request, self.planner.canary, setting)

    def _verified(self, feasible: Sequence[Outcome]) -> Outcome | None:
        """The fastest setting that meets the budgets as `chartgen plan` computes them."""
        for outcome in pareto_front(feasible)[:_TRIES]:
            judged = judged_outcome(self._planner(outcome.setting), outcome.setting)
            if not any(excesses(judged, self.budgets)):
                return judged
        return None

    def _other_traffic(self, setting: Setting, planner: Planner) -> Iterator[OtherTraffic]:
        for label, factor in (("half the traffic", 0.5), ("twice the traffic", 2.0)):
            settings = self.request.settings.scaled(factor)
            outcome = judged_outcome(planner.with_settings(settings, ROUGH_WORK), setting)
            yield OtherTraffic(label, settings.rps or 0.0, settings.peak_rps, outcome)

    def _hours(self, chosen: Outcome, planner: Planner) -> ReleaseHours | None:
        week = self.request.settings.week
        if week is None:
            return None
        return release_hours(lambda rps: planner.at_rate(rps, ROUGH_WORK), week, self.budgets, chosen.promote_seconds)

    def _without_one(self, found: Suggestion, impossible: tuple[str, ...], contenders: list[Contender]) -> Suggestion:
        if self.budgets.duration is not None:
            known = {(each.schedule.routing, each.schedule.interval) for each in contenders}
            slower = [
                schedule
                for schedule in self._schedules(_SLOWER * self.budgets.duration)
                if (schedule.routing, schedule.interval) not in known
            ]
            contenders = [*contenders, *self._contenders(slower)]
        outcomes = nearest_contenders(contenders, self.budgets, _NEAREST_WORK // 2 if impossible else _NEAREST_WORK)
        nearest = judged_outcome(self._planner(outcomes[0].setting), outcomes[0].setting) if outcomes else None
        if nearest and not any(excesses(nearest, self.budgets)):
            return self._with(found, nearest, [])
        certain = [*impossible, *tolerated(self.planner, self.budgets)]
        obstacles = certain or single_obstacles([*([nearest] if nearest else []), *outcomes[1:]], self.budgets)
        manifest = with_setting(self.planner.canary.manifest, nearest.setting) if nearest else None
        return replace(found, obstacles=tuple(obstacles), nearest=nearest, manifest=manifest)
