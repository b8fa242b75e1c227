"""A Canary's release played in the simulator, one course a scenario."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chartgen.flagger.schedule import End, NewVersion, act, advance, first_state, rollout, running
from chartgen.flagger.schedule.state import ANALYSED_PHASES, FAILED, INITIALIZED, SUCCEEDED
from chartgen.flagger.strategy import Strategy
from chartgen.planning.answers import Failing, Flaky, Verdicts, verdicts
from chartgen.planning.scenario_run import Ending, Event, ScenarioRun, TickView
from chartgen.planning.scenarios import Kind
from chartgen.planning.strategy import approach

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chartgen.flagger.canary import Canary
    from chartgen.flagger.schedule import Answers, State, Tick, Timeline
    from chartgen.planning.scenarios import Scenario
    from chartgen.planning.strategy import Approach

LONGEST = 1000
# Ticks spent on finding the worst moment for a release to turn bad.
_MOST_TICKS = 6000
# The new version arrives a moment before the tick that notices it.
_BEFORE = -5.0


@dataclass(frozen=True, slots=True)
class SimulatedRelease:
    """A release about to begin. `stuck` is the attempt to initialize, where a Canary never gets to a release."""

    canary: Canary
    approach: Approach
    state: State
    flagger: str
    match_share: float | None = None
    bootstrap: bool = False
    stuck: Timeline | None = None

    def course(self, scenario: Scenario, *, seed: int = 0) -> ScenarioRun:
        """One scenario from its first tick to its end; a flaky one as its seed draws it."""
        timeline = self.stuck or rollout(self.state, self._answers(scenario, seed), flagger=self.flagger)
        if self.bootstrap:
            timeline = _until_initialized(timeline)
        ticks = tuple(self.moment(tick) for tick in timeline.ticks)
        ending = _ending(timeline)
        stall = timeline.outcome.reason if ending in (Ending.STALLED, Ending.NOTHING) else None
        return ScenarioRun(scenario, ticks, ending, stall)

    def _answers(self, scenario: Scenario, seed: int) -> Answers:
        if scenario.kind is Kind.FLAKY:
            rng = random.Random(seed)  # noqa: S311 - a simulation, not a secret
            return Flaky(self.canary, scenario.probability, rng)
        return verdicts(scenario, self.canary)

    def moment(self, tick: Tick) -> TickView:
        """A tick as reports show it."""
        users = self.approach.users(tick.canary_share, self.match_share)
        mirrored = self.approach.mirror_share * tick.primary_share / 100 if tick.mirrored else 0.0
        return TickView(
            tick=tick.number,
            second=tick.second,
            phase=tick.phase,
            primary=float(tick.primary_share),
            canary=float(tick.canary_share),
            users=users,
            heard=min(1.0, users + mirrored),
            failed_checks=tick.failed_checks,
            iterations=tick.iterations,
            mirrored=tick.mirrored,
            events=tuple(Event(event.type.value, event.text) for event in tick.events),
            checked=bool(tick.metric_calls),
            trial=self._on_trial(tick),
        )

    def _on_trial(self, tick: Tick) -> bool:
        """Whether the next tick judges the new version: its first step, its first iteration or its mirror is made."""
        begun = tick.canary_share > 0 or tick.iterations > 0 or tick.mirrored
        return tick.phase in ANALYSED_PHASES and begun and self.approach.strategy is not Strategy.SKIP

    def worst_rollback(self) -> float | None:
        """Seconds from the worst moment at which a good release turns bad until it is rolled back.

        Infinite where it is not; None where there is no such moment. Only ticks are looked at from which a check
        still decides: once its template is copied to the primary, no release is rolled back any more.
        """
        if self.stuck or self.bootstrap:
            return None
        ticks = rollout(self.state, Verdicts(self.canary), flagger=self.flagger).ticks
        starts = [tick for tick in ticks if self._on_trial(tick)]
        most = max(2, _MOST_TICKS // (self.canary.threshold + 1))
        chosen = starts if len(starts) <= most else [starts[at * (len(starts) - 1) // (most - 1)] for at in range(most)]
        return max((self._rollback_after(tick, len(ticks)) for tick in chosen), default=None)

    def _rollback_after(self, tick: Tick, run: int) -> float:
        """A run that fails every check is over after `threshold` more ticks, or goes on to its end."""
        bad, state, second = Failing(self.canary), tick.state, tick.second
        for number in range(tick.number + 1, tick.number + 1 + self.canary.threshold + run):
            second += self.canary.interval
            after = advance(state, bad, number=number, second=second, flagger=self.flagger)
            if after.phase == FAILED:
                return second - tick.second
            if after.phase == SUCCEEDED:
                break
            state = after.state
        return math.inf


def rehearsal(
    canary: Canary,
    objects: Sequence[Mapping[str, Any]],
    *,
    flagger: str,
    pod_start: float,
    match_share: float | None = None,
    bootstrap: bool = False,
) -> SimulatedRelease:
    """The stage set: for an upgrade a Canary that has long been running and a new version of its target."""
    how = approach(canary)
    if bootstrap:
        state = first_state(canary.manifest, objects, pod_start=pod_start)
        return SimulatedRelease(state.canary, how, state, flagger, match_share, bootstrap=True)
    state, stuck = running(canary.manifest, objects, flagger=flagger, pod_start=pod_start)
    changed = act(state, NewVersion(), _BEFORE)
    return SimulatedRelease(state.canary, how, changed, flagger, match_share, stuck=stuck)


def _until_initialized(timeline: Timeline) -> Timeline:
    """A bootstrap ends with its initialization; the tick after it only shows that nothing follows."""
    last = next((at for at, tick in enumerate(timeline.ticks) if tick.phase == INITIALIZED), None)
    return timeline if last is None else type(timeline)(timeline.ticks[: last + 1], timeline.outcome)


def _ending(timeline: Timeline) -> Ending:
    last = timeline.ticks[-1].phase if timeline.ticks else ""
    match timeline.outcome.end:
        case End.SUCCEEDED:
            return Ending.INITIALIZED if last == INITIALIZED else Ending.PROMOTED
        case End.FAILED:
            return Ending.ROLLED_BACK
        case End.CUT:
            return Ending.CUT
        case End.STALLED:
            return Ending.STALLED
        case _:
            return Ending.NOTHING
