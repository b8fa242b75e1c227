"""The course of a rollout under one scenario: a moment a tick, and how it ends."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.planning.scenarios import Scenario


class Ending(Enum):
    """How a course ends, in the words of the reports."""

    PROMOTED = "promoted"
    ROLLED_BACK = "rolled back"
    INITIALIZED = "initialized"
    STALLED = "never ends"
    CUT = "cut"
    NOTHING = "nothing happens"


@dataclass(frozen=True, slots=True)
class Event:
    """One Kubernetes event; `type` is Normal or Warning."""

    type: str
    text: str


@dataclass(frozen=True, slots=True)
class TickView:
    """What states right after a tick, until the next one.

    `second` counts from the tick that notices the release. `primary` and `canary` are routing weights in percent.
    Of the users' requests the new version answers the share `users` (0..1), and its metrics count the share `heard`.
    `trial`: the new version is being judged, so that a bad one can still be rolled back. `checked`: the tick measured.
    """

    tick: int
    second: float
    phase: str
    primary: float
    canary: float
    users: float
    heard: float
    failed_checks: int
    iterations: int
    mirrored: bool
    events: tuple[Event, ...]
    checked: bool = False
    trial: bool = False


@dataclass(frozen=True, slots=True)
class ScenarioRun:
    """One scenario played. `stall` says in plain words why it never ends, where it does not."""

    scenario: Scenario
    ticks: tuple[TickView, ...]
    ending: Ending
    stall: str | None = None

    @property
    def seconds(self) -> float:
        """From the tick that notices the release to the last one."""
        return self.ticks[-1].second if self.ticks else 0.0

    def spans(self) -> Iterator[tuple[TickView, float]]:
        """Each moment and how many seconds it lasts; the last one has no span."""
        return ((now, after.second - now.second) for now, after in pairwise(self.ticks))

    @property
    def first_traffic(self) -> float | None:
        """The second from which users' requests, or mirrored ones, reach the new version; None where none do."""
        return next((moment.second for moment in self.ticks if moment.users > 0 or moment.heard > 0), None)
