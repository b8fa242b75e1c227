"""Simulates the release of a Canary, one run per scenario."""

from __future__ import annotations

import math
import random
from typing import TYPE_CHECKING, Any, NamedTuple

from chartgen.flagger.providers import observer_of
from chartgen.flagger.schedule import (
    FAILING_PODS,
    End,
    NewVersion,
    advance,
    apply_action,
    first_state,
    initialized_state,
    observer_name,
    rollout,
)
from chartgen.flagger.schedule.state import ANALYSED_PHASES, FAILED, INITIALIZED, SUCCEEDED
from chartgen.flagger.strategy import Strategy
from chartgen.planning.answers import FlakyAnswers, ScenarioAnswers, answers_for
from chartgen.planning.scenario_run import Ending, Event, ScenarioRun, TickView
from chartgen.planning.scenarios import ScenarioKind
from chartgen.planning.strategy import approach

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chartgen.flagger.canary import Canary
    from chartgen.flagger.schedule import Answers, State, Tick, Timeline
    from chartgen.planning.scenarios import Scenario
    from chartgen.planning.strategy import Approach
    from chartgen.planning.sudden_failure import TrafficSpan

MAX_TICKS = 1000
# The simulated ticks that the search for the worst rollback may take.
_SEARCH_TICKS = 6000
# The new version is deployed shortly before the tick that detects it (seconds).
_DEPLOYED = -5.0


class SimulatedRelease(NamedTuple):
    """A release about to start. `stuck_bootstrap` is the attempt to initialize, if the Canary never gets beyond it."""

    canary: Canary
    approach: Approach
    state: State
    flagger: str
    match_share: float | None = None
    bootstrap: bool = False
    stuck_bootstrap: Timeline | None = None

    def run(self, scenario: Scenario, *, seed: int = 0, max_ticks: int = MAX_TICKS) -> ScenarioRun:
        """One scenario from its first tick to its end; `seed` decides the failures of a flaky one."""
        timeline = self.stuck_bootstrap or rollout(
            self.state, self._answers(scenario, seed), flagger=self.flagger, max_ticks=max_ticks
        )
        if self.bootstrap:
            timeline = _until_initialized(timeline)
        ticks = tuple(self.tick_view(tick) for tick in timeline.ticks)
        ending = _ending(timeline)
        stall = timeline.outcome.reason if ending in (Ending.STALLED, Ending.NOTHING) else None
        return ScenarioRun(scenario, ticks, ending, stall)

    def _answers(self, scenario: Scenario, seed: int) -> Answers:
        if scenario.kind is ScenarioKind.FLAKY:
            rng = random.Random(seed)  # noqa: S311 - a simulation, not a secret
            return FlakyAnswers(self.canary, scenario.probability, rng)
        return answers_for(scenario, self.canary)

    def tick_view(self, tick: Tick) -> TickView:
        """A tick as reports show it."""
        user_share = self.approach.user_share(tick.canary_share, self.match_share)
        mirrored_share = self.approach.mirror_share * tick.primary_share / 100 if tick.mirrored else 0.0
        return TickView(
            tick=tick.number,
            second=tick.second,
            phase=tick.phase,
            primary_weight=float(tick.primary_share),
            canary_weight=float(tick.canary_share),
            user_share=user_share,
            measured_share=min(1.0, user_share + mirrored_share),
            failed_checks=tick.failed_checks,
            iterations=tick.iterations,
            mirrored=tick.mirrored,
            events=tuple(Event(event.type.value, event.shown) for event in tick.events),
            checked=bool(tick.metric_calls),
            can_roll_back=self._can_roll_back(tick),
        )

    def _can_roll_back(self, tick: Tick) -> bool:
        """Whether the next tick analyzes the new version: after the first step, the first iteration or mirroring."""
        begun = tick.canary_share > 0 or tick.iterations > 0 or tick.mirrored
        return tick.phase in ANALYSED_PHASES and begun and self.approach.strategy is not Strategy.SKIP

    def worst_rollback(self) -> float | None:
        """Seconds from the worst tick at which a good release turns bad until its rollback.

        Infinite if it isn't rolled back, None if there is no such tick. Only ticks count after which a check still
        decides: once Flagger has copied the template to the primary, it rolls no release back.
        """
        if self.stuck_bootstrap or self.bootstrap:
            return None
        ticks = rollout(self.state, ScenarioAnswers(self.canary), flagger=self.flagger).ticks
        starts = [tick for tick in ticks if self._can_roll_back(tick)]
        limit = max(2, _SEARCH_TICKS // (self.canary.threshold + 1))
        if len(starts) > limit:
            starts = [starts[index * (len(starts) - 1) // (limit - 1)] for index in range(limit)]
        spans = [self._span(tick) for tick in ticks]
        times = [self._rollback_after(tick, spans) for tick in starts]
        # A release that fails too late for its windows is promoted; what counts is when a check still decides.
        rolled_back = [time for time in times if math.isfinite(time)]
        return max(rolled_back or times, default=None)

    def _span(self, tick: Tick) -> TrafficSpan:
        from chartgen.planning.sudden_failure import TrafficSpan

        view = self.tick_view(tick)
        counts_primary = observer_of(observer_name(self.canary)).both_versions
        primary = 1 - view.user_share if counts_primary else 0.0
        return TrafficSpan(tick.second, tick.second + self.canary.interval, view.measured_share, primary)

    def _rollback_after(self, start: Tick, spans: list[TrafficSpan]) -> float:
        """A run in which every check fails ends within `threshold` more ticks, or continues to its regular end.

        Before the first check fails, the window of each check must contain enough bad requests.
        """
        from chartgen.planning.detection.checks import checks_of
        from chartgen.planning.sudden_failure import SuddenFailure

        longest = max((check.window for check in checks_of(self.canary).modeled), default=0.0)
        before = [span for span in spans if start.second - longest < span.end and span.start < start.second]
        answers = SuddenFailure(self.canary, start.second, [*before, self._span(start)])
        state, second = start.state, start.second
        for number in range(start.number + 1, start.number + 1 + self.canary.threshold + 2 * len(spans)):
            second += self.canary.interval
            tick = advance(state, answers, number=number, second=second, flagger=self.flagger)
            if tick.phase == FAILED:
                return second - start.second
            if tick.phase == SUCCEEDED:
                break
            answers.spans.append(self._span(tick))
            state = tick.state
        return math.inf


def prepare_release(
    canary: Canary,
    objects: Sequence[Mapping[str, Any]],
    *,
    flagger: str,
    pod_start: float,
    match_share: float | None = None,
    bootstrap: bool = False,
    failing_pods: int = 0,
) -> SimulatedRelease:
    """For an upgrade: a Canary that has been running for a long time, and a new version of its target.

    `failing_pods` of the new version never become ready, whether the canary or the primary runs them.
    """
    release_approach = approach(canary)
    if bootstrap:
        state = first_state(canary.manifest, objects, pod_start=pod_start)
        return SimulatedRelease(state.canary, release_approach, state, flagger, match_share, bootstrap=True)
    state, stuck = initialized_state(canary.manifest, objects, flagger=flagger, pod_start=pod_start)
    annotations = {FAILING_PODS: str(failing_pods)} if failing_pods else {}
    upgraded = apply_action(state, NewVersion(annotations=annotations), _DEPLOYED)
    return SimulatedRelease(state.canary, release_approach, upgraded, flagger, match_share, stuck_bootstrap=stuck)


def _until_initialized(timeline: Timeline) -> Timeline:
    """A bootstrap ends with the initialization; the tick after it only shows that nothing follows."""
    last = next((index for index, tick in enumerate(timeline.ticks) if tick.phase == INITIALIZED), None)
    return timeline if last is None else type(timeline)(timeline.ticks[: last + 1], timeline.outcome)


def _ending(timeline: Timeline) -> Ending:
    last_phase = timeline.ticks[-1].phase if timeline.ticks else ""
    match timeline.outcome.end:
        case End.SUCCEEDED:
            return Ending.INITIALIZED if last_phase == INITIALIZED else Ending.PROMOTED
        case End.FAILED:
            return Ending.ROLLED_BACK
        case End.CUT:
            return Ending.CUT
        case End.STALLED:
            return Ending.STALLED
        case _:
            return Ending.NOTHING
