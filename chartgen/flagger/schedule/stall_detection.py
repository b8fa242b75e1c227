"""Whether a rollout stalls, and why."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chartgen.flagger.providers import provider_of
from chartgen.flagger.schedule import state as phases
from chartgen.flagger.schedule.strategies import max_weight, next_step
from chartgen.flagger.schedule.timeline import EventType

if TYPE_CHECKING:
    from chartgen.flagger.schedule.state import State
    from chartgen.flagger.schedule.timeline import Event, Tick


# A closed gate makes Flagger alternate between two ticks; longer cycles aren't known.
_LONGEST_CYCLE = 4
# What provider kubernetes reports in every tick of a Canary with weights.
_OVERRIDDEN = ("Progressive traffic is not supported", "Setting canaryAnalysis.iterations")

# Flagger begins an analysis while the canary has no weight.
_BEGINS = "Starting canary analysis"


@dataclass(slots=True)
class StallDetector:
    """Counts the ticks that repeat the one before, or the one a cycle of ticks before."""

    recent: deque[Tick] = field(default_factory=lambda: deque(maxlen=_LONGEST_CYCLE))
    repeats: dict[int, int] = field(default_factory=dict)

    def stall(self, tick: Tick) -> str | None:
        """Why nothing will change unless the answers do; None while something still may."""
        for distance, earlier in enumerate(reversed(self.recent), start=1):
            repeated = earlier.events == tick.events and _same(earlier.state, tick.state)
            self.repeats[distance] = self.repeats.get(distance, 0) + 1 if repeated else 0
        self.recent.append(tick)
        period = next((period for period, repeats in sorted(self.repeats.items()) if repeats >= period), None)
        if period is None or _starting(tick.state):
            return None
        waiting = not all(each.still for each in tick.state.workloads.values())
        if waiting and self.repeats[period] * tick.state.canary.interval <= _deadline(tick.state):
            return None
        return reason(tick)


def _same(before: State, after: State) -> bool:
    return (
        before.status._replace(transition=0.0) == after.status._replace(transition=0.0)
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
    """The longest deadline: until then, pods that never start can still end a run."""
    own = [float(each.spec.get("progressDeadlineSeconds") or 600) for each in state.workloads.values()]
    return max([float(state.canary.deadline), *own]) + 2 * state.canary.interval


_REASONS = {
    phases.WAITING: "waits for a confirm-rollout gate that doesn't open",
    phases.WAITING_PROMOTION: "waits for a confirm-promotion gate that doesn't open",
    phases.PROMOTING: "never finishes: the canary's weight is 0 already, so stepWeightPromotion has nothing to shift",
}


def reason(tick: Tick) -> str:
    """Why a tick like this one repeats indefinitely."""
    events = _own_events(tick)
    last = events[-1].shown if events else ""
    if tick.state.canary.suspend:
        return "the Canary is suspended"
    if tick.phase in phases.BOOTSTRAP_PHASES:
        return f"never initialized: {last}"
    if ends_in_warning(tick):
        return _warned(last)
    if tick.phase == phases.PROGRESSING:
        return _no_step(tick)
    return _REASONS.get(tick.phase, "nothing changes anymore")


def ends_in_warning(tick: Tick) -> bool:
    """Whether Flagger can't get on: an error ends its tick."""
    events = _own_events(tick)
    return bool(events) and events[-1].type is EventType.WARNING


def _own_events(tick: Tick) -> list[Event]:
    return [event for event in tick.events if not event.text.startswith(_OVERRIDDEN)]


def _warned(last: str) -> str:
    if "waiting for traffic increase approval" in last:
        return "waits for a confirm-traffic-increase gate that doesn't open"
    return f"stalls: {last}"


def _no_step(tick: Tick) -> str:
    """Why a healthy analysis makes no progress."""
    canary, weight = tick.state.canary, tick.canary_share
    analysis = canary.analysis
    if analysis.mirror and weight == 0 and not tick.mirrored and not can_mirror(canary.provider, analysis.iterations):
        return f"never shifts traffic: provider {canary.provider} can't mirror with weights"
    if weight > 0 and any(event.text.startswith(_BEGINS) for event in tick.events):
        kind = provider_of(canary.provider).route
        return f"never promotes: at every tick Flagger finds its {kind} changed, resets the weights and begins again"
    if next_step(analysis, weight) > 0:
        return f"never promotes: maxWeight {max_weight(analysis)} can't be reached"
    if not analysis.step_weights:
        return f"never shifts traffic: stepWeight is {analysis.step_weight}"
    if weight == 0:
        return f"never shifts traffic: stepWeights begin with {analysis.step_weights[0]}"
    return f"stalls at {weight} %: the next of the stepWeights isn't higher"


def can_mirror(provider: str, iterations: int) -> bool:
    """Whether `mirror: true` has an effect with this provider and strategy."""
    known = provider_of(provider)
    return known.mirrors_iterations if iterations > 0 else known.mirrors_weights
