"""A rollout as a graph: what states between two ticks, and where a passed and a failed check lead."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class End(Enum):
    """How a rollout ends."""

    PROMOTED = "promoted"
    ROLLED_BACK = "rolled back"


@dataclass(frozen=True, slots=True)
class ChainState:
    """What holds from one tick until the next.

    `users` is the share (0..1) of the users' requests the new version answers, `heard` the share its metrics count
    (the same, or what is mirrored to it). `seconds` last until the next tick, which measures where `checked`, and leads
    to the states `passed` or `failed` (indexes; the same where nothing is measured). An end leads to itself.
    """

    users: float
    heard: float
    seconds: float
    checked: bool
    passed: int
    failed: int
    end: End | None = None


@dataclass(frozen=True, slots=True)
class MarkovChain:
    """All states of a rollout; it begins at the first. After `longest` ticks it is looked at no more."""

    states: tuple[ChainState, ...]
    longest: int = 1000
