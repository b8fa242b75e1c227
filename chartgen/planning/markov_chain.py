"""A rollout as a Markov chain: its states between two ticks, and where a passed and a failed check lead."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class FinalState(Enum):
    """How a rollout ends: the absorbing states of the chain."""

    PROMOTED = "promoted"
    ROLLED_BACK = "rolled back"


class ChainState(NamedTuple):
    """The state of a rollout from one tick until the next.

    `user_share` is the share (0..1) of the users' requests that the new version answers. `measured_share` is the share
    that its metrics count: the same, or the mirrored requests. `seconds` is the time until the next tick. That tick
    measures if `checked`, and leads to the state with index `passed` or `failed`; both are equal if nothing is
    measured. A final state leads to itself. A load test runs for the first `load_seconds`; None if no hook starts
    it, so that it runs whenever the next tick measures. `weight` is the canary's routing weight (percent).
    """

    user_share: float
    measured_share: float
    seconds: float
    checked: bool
    passed: int
    failed: int
    final: FinalState | None = None
    load_seconds: float | None = None
    weight: float = 0.0

    @property
    def seconds_of_load(self) -> float:
        """How long a load test runs in this state."""
        if self.load_seconds is None:
            return self.seconds if self.checked else 0.0
        return min(self.load_seconds, self.seconds)


class MarkovChain(NamedTuple):
    """All states of a rollout, the first state first. The simulation stops after `max_ticks` ticks."""

    states: tuple[ChainState, ...]
    max_ticks: int = 1000

    def ending_states(self) -> frozenset[int]:
        """The indexes of the states from which a final state can be reached. From the others, nothing ends."""
        sources: dict[int, list[int]] = {}
        for index, state in enumerate(self.states):
            for target in {state.passed, state.failed}:
                sources.setdefault(target, []).append(index)
        found = {index for index, state in enumerate(self.states) if state.final}
        waiting = list(found)
        while waiting:
            for source in sources.get(waiting.pop(), ()):
                if source not in found:
                    found.add(source)
                    waiting.append(source)
        return frozenset(found)
