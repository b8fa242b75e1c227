"""Builds the Markov chain of a release: asks the simulator in each state where a passed and a failed check lead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.errors import UsageError
from chartgen.flagger.schedule import advance
from chartgen.flagger.schedule.state import FAILED, SUCCEEDED
from chartgen.planning.answers import FailingAnswers, ScenarioAnswers
from chartgen.planning.load_tests import load_tests
from chartgen.planning.markov_chain import ChainState, FinalState, MarkovChain
from chartgen.planning.simulated_release import MAX_TICKS

if TYPE_CHECKING:
    from collections.abc import Hashable

    from chartgen.flagger.schedule import Answers, State, Tick
    from chartgen.planning.simulated_release import SimulatedRelease

# Steps and threshold multiply; beyond this limit the analysis takes too long.
MAX_STATES = 6000


def build_chain(release: SimulatedRelease) -> MarkovChain:
    """Every reachable state; UsageError if there are more than MAX_STATES."""
    return _ChainBuilder(release).build()


class _ChainBuilder:
    """Searches breadth first. `_indexes` numbers the states by what their future depends on."""

    def __init__(self, release: SimulatedRelease) -> None:
        self._release = release
        self._indexes: dict[Hashable, int] = {}
        self._ticks: list[Tick] = []
        self._states: list[ChainState] = []
        self._passing = ScenarioAnswers(release.canary)
        self._failing = FailingAnswers(release.canary)
        self._loads = {load.hook: load.seconds for load in load_tests(release.canary)}

    def build(self) -> MarkovChain:
        """The first state is the one before the tick that detects the release, so it lasts 0 seconds."""
        self._states.append(ChainState(0, 0, 0, checked=False, passed=1, failed=1))
        self._index_of(self._next(self._release.state, self._passing, 0, 0.0))
        position = 0
        while position < len(self._ticks):
            self._states.append(self._chain_state(self._ticks[position], position + 1))
            position += 1
        return MarkovChain(tuple(self._states), MAX_TICKS)

    def _chain_state(self, tick: Tick, index: int) -> ChainState:
        final = {SUCCEEDED: FinalState.PROMOTED, FAILED: FinalState.ROLLED_BACK}.get(tick.phase)
        if final:
            return ChainState(0, 0, 0, checked=False, passed=index, failed=index, final=final)
        interval = self._release.canary.interval
        next_time = tick.number + 1, tick.second + interval
        after_pass = self._next(tick.state, self._passing, *next_time)
        after_failure = self._next(tick.state, self._failing, *next_time)
        view = self._release.tick_view(tick)
        passed, failed = self._index_of(after_pass), self._index_of(after_failure)
        measured = any(each.metric_calls or each.hook_calls for each in (after_pass, after_failure))
        return ChainState(
            view.user_share,
            view.measured_share,
            interval,
            measured and passed != failed,
            passed,
            failed,
            load_seconds=self._load_seconds(tick),
            weight=view.canary_weight,
        )

    def _load_seconds(self, tick: Tick) -> float | None:
        """How long the load tests run that the tick starts; None if no webhook starts any."""
        if not self._loads:
            return None
        return max((self._loads.get(call.name, 0.0) for call in tick.hook_calls), default=0.0)

    def _next(self, state: State, answers: Answers, number: int, second: float) -> Tick:
        return advance(state, answers, number=number, second=second, flagger=self._release.flagger)

    def _index_of(self, tick: Tick) -> int:
        key = _key(tick), self._load_seconds(tick)
        if key not in self._indexes:
            if len(self._ticks) >= MAX_STATES:
                raise UsageError(
                    f"the Canary has more than {MAX_STATES} states (steps times threshold), too many to analyze",
                    hint="remove --rps and flaky:P, or lower the threshold",
                )
            self._indexes[key] = len(self._ticks) + 1
            self._ticks.append(tick)
        return self._indexes[key]


def _key(tick: Tick) -> Hashable:
    """What the future depends on. The route represents the objects, which Flagger keeps in sync with it."""
    state = tick.state
    still = all(workload.still for workload in state.workloads.values())
    workloads = tuple((*key, state.workloads[key].key(still=still)) for key in sorted(state.workloads))
    status = state.status._replace(transition=0.0)
    return status, tick.routes, workloads, 0.0 if still else tick.second
