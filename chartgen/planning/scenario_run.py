"""The run of a rollout under one scenario: every tick, and how it ends."""

from __future__ import annotations

from enum import Enum
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.planning.scenarios import Scenario


class Ending(Enum):
    """How a run ends, as reports say it."""

    PROMOTED = "promoted"
    ROLLED_BACK = "rolled back"
    INITIALIZED = "initialized"
    STALLED = "never ends"
    CUT = "cut"
    NOTHING = "nothing happens"


class Event(NamedTuple):
    """One Kubernetes event; `type` is Normal or Warning."""

    type: str
    text: str


class TickView(NamedTuple):
    """The state after a tick and until the next one.

    `second` counts from the tick that detects the release. `primary_weight` and `canary_weight` are routing weights in
    percent. `user_share` (0..1) is the share of the users' requests that the new version answers, `measured_share` the
    share that its metrics count. `checked`: the tick ran metric checks. `can_roll_back`: the next tick analyzes the new
    version, so that a bad one can still be rolled back.
    """

    tick: int
    second: float
    phase: str
    primary_weight: float
    canary_weight: float
    user_share: float
    measured_share: float
    failed_checks: int
    iterations: int
    mirrored: bool
    events: tuple[Event, ...]
    checked: bool = False
    can_roll_back: bool = False


class ScenarioRun(NamedTuple):
    """One simulated scenario. `stall` says why the run never ends, or is None."""

    scenario: Scenario
    ticks: tuple[TickView, ...]
    ending: Ending
    stall: str | None = None

    @property
    def seconds(self) -> float:
        """From the tick that detects the release to the last one."""
        return self.ticks[-1].second if self.ticks else 0.0

    def spans(self) -> Iterator[tuple[TickView, float]]:
        """Each tick and the seconds until the next one, without the last tick."""
        return ((tick, following.second - tick.second) for tick, following in pairwise(self.ticks))

    @property
    def first_traffic(self) -> float | None:
        """The second from which users' or mirrored requests reach the new version; None if none do."""
        return next((tick.second for tick in self.ticks if tick.user_share > 0 or tick.measured_share > 0), None)
