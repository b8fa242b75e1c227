"""The state between two ticks: the Canary's status, its objects, the pods. All of it is immutable."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping

    from chartgen.flagger.canary import Canary
    from chartgen.flagger.schedule.workloads import Workload

# Kind and name of an object; the name is "namespace/name" outside the Canary's namespace.
Key = tuple[str, str]
# Names and checksums of the ConfigMaps and Secrets that Flagger tracks.
Tracked = tuple[tuple[str, str], ...]

INITIALIZING, INITIALIZED, WAITING, PROGRESSING = "Initializing", "Initialized", "Waiting", "Progressing"
WAITING_PROMOTION, PROMOTING, FINALISING = "WaitingPromotion", "Promoting", "Finalising"
SUCCEEDED, FAILED, TERMINATING = "Succeeded", "Failed", "Terminating"

BOOTSTRAP_PHASES = frozenset({"", INITIALIZING})
ANALYSED_PHASES = frozenset({PROGRESSING, WAITING_PROMOTION})
RUN_PHASES = frozenset({PROGRESSING, WAITING, WAITING_PROMOTION, PROMOTING, FINALISING})

_MESSAGES = {
    INITIALIZED: ("True", "{kind} initialization completed."),
    WAITING: ("Unknown", "Waiting for approval."),
    WAITING_PROMOTION: ("Unknown", "Waiting for approval."),
    PROGRESSING: ("Unknown", "New revision detected, progressing canary analysis."),
    PROMOTING: ("Unknown", "Canary analysis completed, starting primary rolling update."),
    FINALISING: ("Unknown", "Canary analysis completed, routing all traffic to primary."),
    SUCCEEDED: ("True", "Canary analysis completed successfully, promotion finished."),
    FAILED: ("False", "Canary analysis failed, {kind} scaled to zero."),
}
_STARTING = ("Unknown", "New {kind} detected, starting initialization.")


@dataclass(frozen=True, slots=True)
class Selector:
    """The label by which Flagger selects pods, and the discovered ports of the pods (name to number)."""

    label: str = ""
    value: str = ""
    ports: Mapping[str, int] = field(default_factory=dict)


class Status(NamedTuple):
    """`status` of a Canary. Hashes are the simulator's own: use them only for equality."""

    phase: str = ""
    failed_checks: int = 0
    iterations: int = 0
    canary_weight: int = 0
    last_applied: str = ""
    last_promoted: str = ""
    tracked_configs: Tracked | None = None
    cookie: str = ""
    primary_cookie: str = ""
    previous_cookie: str = ""
    promoted: tuple[str, str, str] | None = None
    transition: float = 0.0

    def conditioned(self, phase: str, kind: str) -> Status:
        """The status with a phase's Promoted condition (pkg/canary/status.go:MakeStatusConditions)."""
        status, message = _MESSAGES.get(phase, _STARTING)
        if self.promoted and self.promoted[:2] == (status, phase):
            return self
        return self._replace(promoted=(status, phase, message.format(kind=kind)))


@dataclass(frozen=True, slots=True)
class State:
    """Everything the next tick depends on, except the answers of metrics servers and hooks.

    `second` is the time of the state. `scheduled` is false if Flagger rejects the Canary and never processes it.
    Objects aren't changed in place, so states may share them.
    """

    canary: Canary
    status: Status
    objects: Mapping[Key, Mapping[str, Any]] = field(default_factory=dict)
    workloads: Mapping[Key, Workload] = field(default_factory=dict)
    second: float = 0.0
    exists: bool = True
    scheduled: bool = True
    version: int = 1

    def key(self) -> Hashable:
        """Equal for states with equal futures, at any second. Expensive; for searches over states."""
        still = all(workload.still for workload in self.workloads.values())
        return (
            self.status._replace(transition=0.0),
            self.exists,
            id(self.canary),
            tuple((key, self.workloads[key].key(still=still)) for key in sorted(self.workloads)),
            json.dumps([[*key, self.objects[key]] for key in sorted(self.objects)], sort_keys=True, default=str),
            0.0 if still else self.second,
        )
