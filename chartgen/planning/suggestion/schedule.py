"""A rollout with one routing and interval: what doesn't depend on the traffic, and the chain to draw rollouts from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chartgen.flagger.canary import read_canary
from chartgen.planning.markov_chain import FinalState
from chartgen.planning.planner import Planner
from chartgen.planning.suggestion.setting import Setting, with_setting
from chartgen.planning.suggestion.space import THRESHOLDS

if TYPE_CHECKING:
    from chartgen.flagger.canary import Canary
    from chartgen.planning.markov_chain import ChainState, MarkovChain
    from chartgen.planning.request import CanaryContext, PlanRequest
    from chartgen.planning.suggestion.setting import Routing

# Pods that start in this time (seconds) are ready at the next tick of every interval.
_QUICK_START = 20.0


@dataclass(slots=True)
class Chains:
    """Builds the chain of each routing once, if pods start within the shortest interval: then only its pace differs."""

    _built: dict[tuple[Routing, int], MarkovChain] = field(default_factory=dict)

    def of(self, planner: Planner, setting: Setting) -> MarkovChain:
        quick = planner.pod_start.seconds <= _QUICK_START
        key = (setting.routing, 0 if quick else setting.interval)
        if key not in self._built:
            self._built[key] = planner.chain()
        chain, pace = self._built[key], float(setting.interval)
        states = tuple(state._replace(seconds=pace) if state.seconds else state for state in chain.states)
        return chain._replace(states=states)


@dataclass(slots=True)
class Schedule:
    """`chain` has the highest threshold of the search, `planner` its Canary.

    `failing[n - 1]`: seconds of full user traffic until the rollback after n failed checks, if every check fails.
    """

    routing: Routing
    interval: int
    planner: Planner
    chain: MarkovChain
    promote_seconds: float
    exposure: float
    failing: tuple[float, ...]

    def setting(self, window: int, threshold: int) -> Setting:
        return Setting(self.routing, self.interval, window, threshold)


def schedule_of(
    context: CanaryContext, request: PlanRequest, canary: Canary, routing: Routing, interval: int, chains: Chains
) -> Schedule | None:
    """The schedule with the highest threshold; None if a good release is never promoted."""
    setting = Setting(routing, interval, interval, THRESHOLDS[-1])
    planner = planner_of(context, request, canary, setting)
    chain = chains.of(planner, setting)
    passing = _path(chain, failing=False)
    if passing is None:
        return None
    failing = _path(chain, failing=True) or []
    return Schedule(
        routing,
        interval,
        planner,
        chain,
        promote_seconds=sum(state.seconds for state in passing),
        exposure=sum(state.user_share * state.seconds for state in passing) * 100 / 60,
        failing=tuple(_seconds_until_rollback(failing)),
    )


def planner_of(context: CanaryContext, request: PlanRequest, canary: Canary, setting: Setting) -> Planner:
    """The planner of the Canary with a setting."""
    manifest = with_setting(canary.manifest, setting)
    return Planner(context._replace(canary=manifest), request, read_canary(manifest))


def _path(chain: MarkovChain, *, failing: bool) -> list[ChainState] | None:
    """The states of a rollout whose checks all pass, or all fail; None if the first never promotes."""
    index = 0
    path: list[ChainState] = []
    for _ in range(chain.max_ticks):
        state = chain.states[index]
        if state.final:
            return path if failing or state.final is FinalState.PROMOTED else None
        path.append(state)
        index = state.failed if failing and state.checked else state.passed
    return None


def _seconds_until_rollback(path: list[ChainState]) -> list[float]:
    """For each threshold, the seconds of full user traffic until a release whose checks all fail is rolled back."""
    found: list[float] = []
    total, pending = 0.0, False
    for state in path:
        total += state.user_share * state.seconds
        if pending:
            found.append(total)
        pending = state.checked
    return found
