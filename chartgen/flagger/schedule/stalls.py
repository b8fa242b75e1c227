"""Whether a rollout stands still, and why, in plain words."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from chartgen.flagger.providers import provider_of
from chartgen.flagger.schedule import state as phases
from chartgen.flagger.schedule.strategies import max_weight, next_step

if TYPE_CHECKING:
    from chartgen.flagger.schedule.state import State
    from chartgen.flagger.schedule.timeline import Tick


@dataclass(slots=True)
class Watch:
    """Counts ticks that only repeat the one before."""

    last: Tick | None = None
    repeats: int = 0

    def stall(self, tick: Tick, before: State) -> str | None:
        """The reason why nothing will ever change again if the answers do not; None while something may."""
        repeated = self.last is not None and self.last.events == tick.events and _same(before, tick.state)
        self.repeats = self.repeats + 1 if repeated else 0
        self.last = tick
        if not self.repeats or _starting(tick.state):
            return None
        waiting = not all(each.still for each in tick.state.workloads.values())
        if waiting and self.repeats * tick.state.canary.interval <= _deadline(tick.state):
            return None
        return reason(tick)


def _same(before: State, after: State) -> bool:
    return (
        replace(before.status, transition=0.0) == replace(after.status, transition=0.0)
        and before.objects == after.objects
        and before.canary is after.canary
        and {key: (each.template, each.replicas) for key, each in before.workloads.items()}
        == {key: (each.template, each.replicas) for key, each in after.workloads.items()}
    )


def _starting(state: State) -> bool:
    return any(
        -math.inf < second < math.inf
        for workload in state.workloads.values()
        for each in workload.rollout.sets
        for second in each.available_at
    )


def _deadline(state: State) -> float:
    """Pods that never start can still end a run, until all deadlines are over."""
    own = [float(each.spec.get("progressDeadlineSeconds") or 600) for each in state.workloads.values()]
    return max([float(state.canary.deadline), *own]) + 2 * state.canary.interval


def reason(tick: Tick) -> str:
    """Why a tick like this one repeats for ever."""
    analysis = tick.state.canary.analysis
    last = tick.events[-1].text if tick.events else ""
    if tick.state.canary.suspend:
        return "the Canary is suspended"
    if tick.phase in phases.BOOTSTRAP_PHASES:
        return f"never initialized: {last}"
    if tick.phase == phases.WAITING:
        return "waits for a confirm-rollout gate that does not open"
    if tick.phase == phases.WAITING_PROMOTION:
        return "waits for a confirm-promotion gate that does not open"
    if tick.phase == phases.PROMOTING:
        return "never finishes: the canary's weight is 0 already, so there is nothing to shift by stepWeightPromotion"
    if tick.phase not in phases.RUN_PHASES:
        return "nothing changes any more"
    if "waiting for traffic increase approval" in last:
        return "waits for a confirm-traffic-increase gate that does not open"
    if analysis.mirror and tick.canary_share == 0 and not tick.mirrored:
        return f"never shifts traffic: provider {tick.state.canary.provider} cannot mirror with weights"
    if next_step(analysis, tick.canary_share) <= 0:
        return _no_step(tick)
    if max_weight(analysis) > tick.canary_share:
        return f"never promotes: maxWeight {max_weight(analysis)} can't be reached"
    return f"stands still: {last}" if last else "stands still"


def _no_step(tick: Tick) -> str:
    analysis, weight = tick.state.canary.analysis, tick.canary_share
    if not analysis.step_weights:
        return f"never shifts traffic: stepWeight is {analysis.step_weight}"
    if weight == 0:
        return f"never shifts traffic: stepWeights begin with {analysis.step_weights[0]}"
    return f"stands still at {weight} %: the next of the stepWeights is not above it"


def can_mirror(provider: str, iterations: int) -> bool:
    """Whether `mirror: true` does anything with this provider and strategy."""
    known = provider_of(provider)
    return known.mirrors_iterations if iterations > 0 else known.mirrors_weights
