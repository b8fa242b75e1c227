"""The state of a rollout, from the Canary's status and events; pure, so that recorded changes can be played again."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Any

from chartgen.flagger.canary import as_int, as_list, as_mapping, as_str, read_canary
from chartgen.flagger.schedule.state import (
    ANALYSED_PHASES,
    BOOTSTRAP_PHASES,
    FAILED,
    INITIALIZED,
    RUN_PHASES,
    SUCCEEDED,
    TERMINATING,
    WAITING,
    WAITING_PROMOTION,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chartgen.cluster.watching.expectation import Expectation
    from chartgen.cluster.watching.feed import Change
    from chartgen.flagger.canary import Canary

_STARTED = "New revision detected"
# Ticks without a word from Flagger, after which it is taken for stopped.
_SILENT_TICKS = 3
_SLACK = 30.0


class Result(Enum):
    """How watching ends; `exit_ok`: whether the command exits 0."""

    PROMOTED = "promoted"
    INITIALIZED = "initialized"
    NOTHING = "nothing to roll out"
    ROLLED_BACK = "rolled back"
    STUCK = "stuck"
    TIMED_OUT = "timed out"
    DELETED = "deleted"

    @property
    def exit_ok(self) -> bool:
        return self in {Result.PROMOTED, Result.INITIALIZED, Result.NOTHING}


@dataclass(frozen=True, slots=True)
class Position:
    """Where a rollout is: what the status of the Canary says."""

    phase: str = ""
    weight: int = 0
    iterations: int = 0
    failed_checks: int = 0


@dataclass(frozen=True, slots=True)
class Update:
    """One line of the report. `second`: since the start of the rollout, None before it; `expected`: in the plan.

    `left`: the seconds until the promotion, by the plan. `message`: Flagger's event, or empty for a new position.
    `metrics`: the values of the canary's metrics at that time, None for one without a value.
    """

    at: float
    second: float | None
    position: Position
    expected: float | None
    left: float | None
    message: str = ""
    warning: bool = False
    deviation: str = ""
    metrics: Mapping[str, float | None] = field(default_factory=dict)

    @property
    def late(self) -> float | None:
        """Seconds behind the plan; negative before it."""
        return None if self.second is None or self.expected is None else self.second - self.expected


@dataclass(frozen=True, slots=True)
class End:
    """The result and why."""

    result: Result
    reason: str


@dataclass(slots=True)
class Limits:
    """Seconds: until a rollout must begin, may stand still, and may take in all.

    None: the Canary's own times decide.
    """

    start: float | None = None
    stuck: float | None = None
    timeout: float = 3600.0


@dataclass(slots=True)
class Rollout:
    """What has been seen so far. Feed it changes; `begun` is the time of the rollout's first tick, None before it.

    `is_true`: whether the primary runs what the target wants, asked if no rollout begins after one that failed.
    """

    canary: Canary
    plan: Expectation
    limits: Limits
    opened: float
    is_true: Callable[[], bool]
    position: Position = field(default_factory=Position)
    begun: float | None = None
    bootstrap: bool = False
    reason: str = ""
    deviation: str = ""
    last_word: float = 0.0
    last_progress: float = 0.0
    _counts: dict[str, int] = field(default_factory=dict)

    def apply(self, change: Change) -> list[Update]:
        """The updates that a change makes."""
        if change.canary is not None:
            return self._status(change.at, change.canary)
        return self._event(change.at, change.event) if change.event is not None else []

    def _status(self, at: float, body: Mapping[str, Any]) -> list[Update]:
        status = as_mapping(body.get("status"))
        seen = Position(
            as_str(status.get("phase")),
            as_int(status.get("canaryWeight")),
            as_int(status.get("iterations")),
            as_int(status.get("failedChecks")),
        )
        running = seen.phase in RUN_PHASES | BOOTSTRAP_PHASES
        if running and self.begun is None:
            self.begun = min(at, _transition(status) or at)
            self.bootstrap = seen.phase in BOOTSTRAP_PHASES
            self.last_word = self.last_progress = at
        if seen == self.position:
            return []
        if seen.failed_checks <= self.position.failed_checks:
            self.last_progress = at
        self.last_word = at
        self.position = seen
        return [self._update(at)]

    def _event(self, at: float, body: Mapping[str, Any]) -> list[Update]:
        """An event, or one that happened again: Kubernetes counts equal ones."""
        key = as_str(as_mapping(body.get("metadata")).get("name"))
        count = max(1, as_int(body.get("count"), 1))
        happened = _seconds(body.get("lastTimestamp")) or _seconds(body.get("eventTime")) or at
        new = count > self._counts.get(key, 0)
        self._counts[key] = max(count, self._counts.get(key, 0))
        # Kubernetes keeps events for an hour: those of earlier rollouts aren't this one's.
        if not new or happened < (self.begun or self.opened) - 1:
            return []
        text, warning = as_str(body.get("message")), body.get("type") == "Warning"
        self.last_word = at
        if text.startswith(_STARTED):
            self.reason = ""
        elif text.startswith("Halt") or "not ready" in text:
            self.reason = self._short(text)
        return [self._update(at, text, warning=warning)]

    def _short(self, text: str) -> str:
        """The event without the Canary's name: `success rate 42.50% < 99%`."""
        name = self.canary.names.of_canary
        return re.sub(rf"^Halt (?:{re.escape(name)} )?(?:advancement )?", "", text).removesuffix(".")

    def _update(self, at: float, message: str = "", *, warning: bool = False) -> Update:
        position, second = self.position, self.second(at)
        tick = self.plan.at(position.phase, position.weight, position.iterations) if second is not None else None
        if message:
            # Only the arrival at a position is early or late, not what is said while it lasts.
            return Update(at, second, position, None, self.plan.left(tick), message, warning, self.deviation)
        update = Update(at, second, position, tick.second if tick else None, self.plan.left(tick))
        self.deviation = self._deviation(update)
        return replace(update, deviation=self.deviation)

    def second(self, at: float) -> float | None:
        """Seconds since the rollout began."""
        return None if self.begun is None else max(0.0, at - self.begun)

    def _deviation(self, update: Update) -> str:
        """Why the rollout isn't where the plan has it; empty if it is."""
        failed, interval = self.position.failed_checks, self.canary.interval
        if failed and self.position.phase in ANALYSED_PHASES:
            noun = "check" if failed == 1 else "checks"
            return f"{failed} of {self.canary.threshold} {noun} failed" + (f": {self.reason}" if self.reason else "")
        if self.position.phase in {WAITING, WAITING_PROMOTION} and self.reason:
            return self.reason
        if update.late is not None and update.late > interval and self.position.phase in RUN_PHASES:
            return f"{update.late:.0f} s behind the plan" + (f": {self.reason}" if self.reason else "")
        return ""

    def end(self, change: Change) -> End | None:
        """The end of watching, None while it goes on."""
        if change.deleted or self.position.phase == TERMINATING:
            return End(Result.DELETED, "the Canary was deleted while it was watched")
        phase = self.position.phase
        if self.begun is None:
            return self._end_without_rollout(change.at)
        if phase == SUCCEEDED:
            return End(Result.PROMOTED, "the primary runs the new version")
        if phase == FAILED:
            return End(Result.ROLLED_BACK, self.reason or "Flagger rolled the new version back")
        if phase == INITIALIZED:
            return End(Result.INITIALIZED, "the primary runs the first version")
        return self._end_of_patience(change.at)

    def _end_without_rollout(self, at: float) -> End | None:
        """A Canary at rest: Flagger notices a new version at its next tick."""
        wait = self.limits.start if self.limits.start is not None else 2 * self.canary.interval + _SLACK
        if at - self.opened < min(wait, self.limits.timeout):
            return None
        if self.position.phase == FAILED and not self.is_true():
            return End(Result.ROLLED_BACK, "the last rollout was rolled back, and no new one began")
        return End(Result.NOTHING, "no rollout began: the primary runs the current version")

    def _end_of_patience(self, at: float) -> End | None:
        waiting = self.position.phase in {WAITING, WAITING_PROMOTION}
        interval = self.canary.interval
        if at - self.opened >= self.limits.timeout:
            return End(Result.TIMED_OUT, self.reason or f"phase {self.position.phase or 'none'}")
        silence = _SILENT_TICKS * interval + _SLACK
        if not waiting and at - self.last_word > silence:
            return End(Result.STUCK, f"Flagger has said nothing for {silence:.0f} s: does the controller run?")
        longest = max(self.canary.deadline, (self.canary.threshold + 1) * interval) + silence
        stuck = self.limits.stuck if self.limits.stuck is not None else longest
        if not waiting and at - self.last_progress > stuck:
            reason = self.reason or f"phase {self.position.phase}"
            return End(Result.STUCK, f"no progress for {stuck:.0f} s: {reason}")
        return None


def new_rollout(
    body: Mapping[str, Any], plan: Expectation, limits: Limits, opened: float, is_true: Callable[[], bool]
) -> Rollout:
    """A rollout of which nothing has been seen; `opened`: the time at which watching began."""
    return Rollout(read_canary(body), plan, limits, opened, is_true, last_word=opened, last_progress=opened)


def _transition(status: Mapping[str, Any]) -> float | None:
    """When the rollout began: the condition Promoted, while it says that the new revision is being analyzed."""
    for condition in as_list(status.get("conditions")):
        if as_str(condition.get("reason")) == as_str(status.get("phase")):
            return _seconds(condition.get("lastTransitionTime"))
    return None


def _seconds(text: object) -> float | None:
    """An RFC 3339 time as Unix seconds."""
    try:
        return datetime.fromisoformat(str(text).replace("Z", "+00:00")).timestamp()
    except ValueError:
        return None
