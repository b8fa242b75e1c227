"""A rollout as a Markov chain: its states between two ticks, and where a passed and a failed check lead."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class FinalState(Enum):
    """How a rollout ends: the absorbing states of the chain."""

    PROMOTED = "promoted"
    ROLLED_BACK = "rolled back"


@dataclass(frozen=True, slots=True)
class ChainState:
    """The state of a rollout from one tick until the next.

    `user_share` is the share (0..1) of the users' requests that the new version answers. `measured_share` is the share
    that its metrics count: the same, or the mirrored requests. `seconds` is the time until the next tick. That tick
    measures if `checked`, and leads to the state with index `passed` or `failed`; both are equal if nothing is
    measured. A final state leads to itself.
    """

    user_share: float
    measured_share: float
    seconds: float
    checked: bool
    passed: int
    failed: int
    final: FinalState | None = None


@dataclass(frozen=True, slots=True)
class MarkovChain:
    """All states of a rollout, the first state first. The simulation stops after `max_ticks` ticks."""

    states: tuple[ChainState, ...]
    max_ticks: int = 1000
