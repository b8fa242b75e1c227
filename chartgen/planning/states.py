"""All states a release can be in, as a chain: the simulator is asked at each what a passed and a failed check do."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chartgen.errors import UsageError
from chartgen.flagger.schedule import advance
from chartgen.flagger.schedule.state import FAILED, SUCCEEDED
from chartgen.planning.answers import Failing, Verdicts
from chartgen.planning.markov_chain import ChainState, End, MarkovChain
from chartgen.planning.simulated_release import LONGEST

if TYPE_CHECKING:
    from collections.abc import Hashable

    from chartgen.flagger.schedule import Answers, State, Tick
    from chartgen.planning.simulated_release import SimulatedRelease

# Steps and threshold multiply; beyond this the walk takes longer than anybody waits.
MAX_STATES = 6000


def chain_of(rehearsal: SimulatedRelease) -> MarkovChain:
    """Every state that can be reached; UsageError where there are too many."""
    return _Builder(rehearsal).built()


class _Builder:
    """Walks breadth first. `_found` numbers the states by what their future hangs on."""

    def __init__(self, rehearsal: SimulatedRelease) -> None:
        self._rehearsal = rehearsal
        self._found: dict[Hashable, int] = {}
        self._ticks: list[Tick] = []
        self._stands: list[ChainState] = []
        self._passing = Verdicts(rehearsal.canary)
        self._failing = Failing(rehearsal.canary)

    def built(self) -> MarkovChain:
        """The first stand is the one before the tick that notices the release, so it lasts no time."""
        self._stands.append(ChainState(0, 0, 0, checked=False, passed=1, failed=1))
        self._number(self._next(self._rehearsal.state, self._passing, 0, 0.0))
        at = 0
        while at < len(self._ticks):
            self._stands.append(self._stand(self._ticks[at], at + 1))
            at += 1
        return MarkovChain(tuple(self._stands), LONGEST)

    def _stand(self, tick: Tick, here: int) -> ChainState:
        end = {SUCCEEDED: End.PROMOTED, FAILED: End.ROLLED_BACK}.get(tick.phase)
        if end:
            return ChainState(0, 0, 0, checked=False, passed=here, failed=here, end=end)
        interval = self._rehearsal.canary.interval
        after = tick.number + 1, tick.second + interval
        good = self._next(tick.state, self._passing, *after)
        bad = self._next(tick.state, self._failing, *after)
        moment = self._rehearsal.moment(tick)
        passed, failed = self._number(good), self._number(bad)
        measured = bool(good.metric_calls or bad.metric_calls or good.hook_calls or bad.hook_calls)
        return ChainState(moment.users, moment.heard, interval, measured and passed != failed, passed, failed)

    def _next(self, state: State, answers: Answers, number: int, second: float) -> Tick:
        return advance(state, answers, number=number, second=second, flagger=self._rehearsal.flagger)

    def _number(self, tick: Tick) -> int:
        key = _key(tick)
        if key not in self._found:
            if len(self._ticks) >= MAX_STATES:
                raise UsageError(
                    f"the Canary has more than {MAX_STATES} states (steps and threshold multiply)",
                    hint="leave out --rps and flaky:P, or lower the threshold",
                )
            self._found[key] = len(self._ticks) + 1
            self._ticks.append(tick)
        return self._found[key]


def _key(tick: Tick) -> Hashable:
    """What the future hangs on; the route states for the objects, which Flagger keeps as they should be."""
    state = tick.state
    still = all(workload.still for workload in state.workloads.values())
    workloads = tuple((*key, state.workloads[key].key(still=still)) for key in sorted(state.workloads))
    status = replace(state.status, transition=0.0)
    return status, tick.routes, workloads, 0.0 if still else tick.second
