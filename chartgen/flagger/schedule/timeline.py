"""The result of a simulation: ticks, and the outcome."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from chartgen.flagger.schedule.answers import HookAnswer, MetricAnswer
    from chartgen.flagger.schedule.routes import Routes
    from chartgen.flagger.schedule.state import State


class EventType(str, Enum):
    NORMAL = "Normal"
    WARNING = "Warning"


class Event(NamedTuple):
    """An event with Flagger's text. If `open`, an unpredictable text from elsewhere follows; `detail` says its content.

    `shown` is for readers.
    """

    type: EventType
    text: str
    open: bool = False
    detail: str = ""

    @property
    def shown(self) -> str:
        return self.text + self.detail


class MetricCall(NamedTuple):
    """A metric query and its answer."""

    name: str
    answer: MetricAnswer


class HookCall(NamedTuple):
    """A hook call, with the phase in its payload and the answer."""

    name: str
    phase: str
    answer: HookAnswer


class WaitSnapshot(NamedTuple):
    """The state while a tick waits for an answer, and the second at which the wait ends."""

    until: float
    state: State


class Tick(NamedTuple):
    """One run of Flagger's loop for this Canary, and the state after it.

    `second` counts from the first tick. The weights are those of the route that splits traffic (percent, regardless
    of any match); `mirrored`: requests are copied to the canary. `target_replicas` and `primary_replicas` are the
    desired numbers, None without such a workload.
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
        """The state at a second of the tick: before a late answer arrives, it is the earlier state."""
        return next((wait.state for wait in self.waits if second < wait.until), self.state)

    @property
    def primary_share(self) -> int:
        """Percent of traffic routed to the primary; 100 without a route."""
        return self.routes.primary if self.routes else 100

    @property
    def canary_share(self) -> int:
        """Percent of traffic routed to the canary, at most 100 whatever weight Flagger wrote; 0 without a route."""
        return min(100, self.routes.canary) if self.routes else 0

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


class Outcome(NamedTuple):
    """How the rollout ended, and why; `reason` is empty if `end` is enough."""

    end: End
    reason: str = ""


class Timeline(NamedTuple):
    """All ticks of one simulated rollout; a Canary that Flagger never schedules has none."""

    ticks: tuple[Tick, ...]
    outcome: Outcome
