"""What a simulated rollout looks like from outside: ticks, and what becomes of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chartgen.flagger.schedule.answers import HookAnswer, MetricAnswer
    from chartgen.flagger.schedule.routes import Routes
    from chartgen.flagger.schedule.state import State


class EventType(str, Enum):
    NORMAL = "Normal"
    WARNING = "Warning"


@dataclass(frozen=True, slots=True)
class Event:
    """An event in Flagger's own words; where `open`, words of others follow that nobody can foresee."""

    type: EventType
    text: str
    open: bool = False


@dataclass(frozen=True, slots=True)
class MetricCall:
    """A metric that was asked for, and what it answered."""

    name: str
    answer: MetricAnswer


@dataclass(frozen=True, slots=True)
class HookCall:
    """A hook that was called, with the phase in its payload, and what it answered."""

    name: str
    phase: str
    answer: HookAnswer


@dataclass(frozen=True, slots=True)
class WaitSnapshot:
    """What stood while a tick waited for an answer, until a second."""

    until: float
    state: State


@dataclass(frozen=True, slots=True)
class Tick:
    """One run of Flagger's loop for this Canary, and the state it leaves.

    `second` counts from the first tick. The weights are those of the route that splits traffic (percent, before and
    beside any match); `mirrored` says whether requests are copied to the canary. `target_replicas` and
    `primary_replicas` are the wanted numbers, None where there is no such workload.
    """

    number: int
    second: float
    lasted: float
    events: tuple[Event, ...]
    metric_calls: tuple[MetricCall, ...]
    hook_calls: tuple[HookCall, ...]
    phase: str
    failed_checks: int
    iterations: int
    canary_weight: int
    promoted: tuple[str, str, str] | None
    routes: Routes | None
    target_replicas: int | None
    primary_replicas: int | None
    state: State
    waits: tuple[WaitSnapshot, ...] = ()

    def state_at(self, second: float) -> State:
        """What stands at a second of the tick: answers that come late leave what was before them standing."""
        return next((wait.state for wait in self.waits if second < wait.until), self.state)

    @property
    def primary_share(self) -> int:
        """Percent of the split route that goes to the primary; 100 before there is a route."""
        return self.routes.primary if self.routes else 100

    @property
    def canary_share(self) -> int:
        """Percent of the split route that goes to the canary; 0 before there is a route."""
        return self.routes.canary if self.routes else 0

    @property
    def mirrored(self) -> bool:
        return bool(self.routes and self.routes.mirrored)


class End(Enum):
    """How a simulated rollout ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    STALLED = "stalled"
    CUT = "cut"
    DELETED = "deleted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it ended, and in plain words why; `reason` is empty where the end says it all."""

    end: End
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Timeline:
    """All ticks of one simulated rollout; a Canary that Flagger never schedules has none."""

    ticks: tuple[Tick, ...]
    outcome: Outcome
