"""The pods of one workload over time, as Kubernetes' Deployment and DaemonSet controllers move them.

Follows k8s.io/kubernetes/pkg/controller/deployment (sync.go, rolling.go, progress.go). Nodes always have capacity.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import NamedTuple

# Other controllers see a change after this many seconds.
LAG = 0.05
# The marker for a pod that is available, in place of the second at which it became so.
AVAILABLE = -math.inf
_MOVES = 200


@dataclass(frozen=True, slots=True, order=True)
class ReplicaSet:
    """Pods of one template, by the second they become available: AVAILABLE for available pods, infinity for never."""

    template: str
    available_at: tuple[float, ...] = ()

    @property
    def count(self) -> int:
        return len(self.available_at)

    @property
    def available(self) -> int:
        return sum(1 for second in self.available_at if second == AVAILABLE)

    def resized(self, count: int, available_at: float = AVAILABLE, failing: int = 0) -> ReplicaSet:
        """The set with more pods (available at `available_at`) or fewer (unavailable pods are deleted first).

        `failing` pods of the set never become available.
        """
        kept = tuple(sorted(self.available_at)[:count])
        added = count - len(kept)
        never = min(added, max(0, failing - kept.count(math.inf)))
        return ReplicaSet(self.template, kept + (math.inf,) * never + (available_at,) * (added - never))


class Wanted(NamedTuple):
    """What a workload's manifest specifies. `start`: seconds until a pod is available (inf: never).

    `failing`: how many of its pods never become available.
    """

    template: str
    replicas: int
    surge: int
    unavailable: int
    recreate: bool
    start: float
    deadline: float
    failing: int = 0

    def failing_of(self, replica_set: ReplicaSet) -> int:
        """How many pods of a set fail: those of the wanted template."""
        return self.failing if replica_set.template == self.template else 0


@dataclass(frozen=True, slots=True, order=True)
class Rollout:
    """The workload's current state; sets from the oldest to the newest.

    `unavailable_since`: when the condition Available became False; None while it is True. `progressed`: when the
    rollout last moved, None once it was complete (condition Progressing, reason NewReplicaSetAvailable).
    `changed`: when the manifest last changed. `wanted_replicas`: the number the controller last scaled to. `seen`: the
    second up to which this state is computed.
    """

    sets: tuple[ReplicaSet, ...]
    wanted_replicas: int
    changed: float
    seen: float = -math.inf
    unavailable_since: float | None = None
    progressed: float | None = None
    stuck: bool = False

    @property
    def current(self) -> ReplicaSet:
        return self.sets[-1]

    @property
    def total(self) -> int:
        return sum(each.count for each in self.sets)

    @property
    def available(self) -> int:
        return sum(each.available for each in self.sets)

    @property
    def settled(self) -> bool:
        """Nothing changes without a new manifest."""
        return (
            self.unavailable_since is None
            and self.progressed is None
            and all(second == AVAILABLE for each in self.sets for second in each.available_at)
        )


def created(wanted: Wanted, now: float) -> Rollout:
    """A workload created at `now`; its pods start after LAG."""
    return Rollout((ReplicaSet(wanted.template),), 0, now, now, progressed=now)


def ordered(rollout: Rollout, now: float) -> Rollout:
    """The rollout after its manifest changed at `now`."""
    return replace(rollout, changed=now)


def moved(rollout: Rollout, wanted: Wanted, now: float) -> Rollout:
    """The rollout brought up to a second: pods become available, the controller replaces and scales."""
    if rollout.settled and rollout.wanted_replicas == wanted.replicas and rollout.current.template == wanted.template:
        return rollout
    for _ in range(_MOVES):
        at = _next_move(rollout)
        if at > now or at == math.inf:
            break
        rollout = replace(_reconciled(_with_available(rollout, at), wanted, at), seen=at)
    return _timed_out(rollout, wanted, now)


def _next_move(rollout: Rollout) -> float:
    starts = (second for each in rollout.sets for second in each.available_at if second != AVAILABLE)
    next_start = min(starts, default=math.inf)
    noticed = rollout.changed + LAG
    return min(noticed, next_start) if noticed > rollout.seen else next_start


def _with_available(rollout: Rollout, now: float) -> Rollout:
    if not any(AVAILABLE < second <= now for each in rollout.sets for second in each.available_at):
        return rollout
    sets = tuple(
        ReplicaSet(each.template, tuple(AVAILABLE if second <= now else second for second in each.available_at))
        for each in rollout.sets
    )
    return replace(rollout, sets=sets, progressed=None if rollout.progressed is None else now, stuck=False)


def _reconciled(rollout: Rollout, wanted: Wanted, at: float) -> Rollout:
    """Everything the controller does at one second."""
    before = rollout
    if rollout.wanted_replicas != wanted.replicas:
        rollout = _scaled(rollout, wanted, at)
    rollout = _with_template(rollout, wanted, at)
    for _ in range(_MOVES):
        step = _recreate_step(rollout, wanted, at) if wanted.recreate else _rolling_step(rollout, wanted, at)
        if step.sets == rollout.sets:
            break
        rollout = step
    rollout = _cleaned(rollout)
    return _conditions(before, rollout, wanted, at)


def _with_template(rollout: Rollout, wanted: Wanted, at: float) -> Rollout:
    """Make the set of the wanted template the newest; a new set restarts the progress deadline."""
    if rollout.current.template == wanted.template:
        return rollout
    old = [each for each in rollout.sets if each.template != wanted.template]
    new = next((each for each in rollout.sets if each.template == wanted.template), ReplicaSet(wanted.template))
    return replace(rollout, sets=(*old, new), progressed=at, stuck=False)


def _scaled(rollout: Rollout, wanted: Wanted, at: float) -> Rollout:
    """sync.go:scale: one active set gets all replicas; several share them in proportion (0 scales all to 0)."""
    active = [each for each in rollout.sets if each.count]
    available_at = at + wanted.start
    rollout = replace(rollout, wanted_replicas=wanted.replicas)
    if len(active) <= 1:
        chosen = active[0] if active else rollout.current
        return _replaced(rollout, chosen, chosen.resized(wanted.replicas, available_at, wanted.failing_of(chosen)))
    if wanted.replicas == 0:
        return replace(rollout, sets=tuple(each.resized(0) for each in rollout.sets))
    return _in_proportion(rollout, active, wanted, available_at)


def _in_proportion(rollout: Rollout, active: list[ReplicaSet], wanted: Wanted, available_at: float) -> Rollout:
    total = sum(each.count for each in active)
    left = wanted.replicas + wanted.surge - total
    allowed = wanted.replicas + wanted.surge
    for each in sorted(active, key=lambda each: each.count, reverse=left > 0):
        share = round(each.count * allowed / total) - each.count
        share = max(share, left) if left < 0 else min(share, left)
        resized = each.resized(max(0, each.count + share), available_at, wanted.failing_of(each))
        rollout = _replaced(rollout, each, resized)
        left -= share
    return rollout


def _replaced(rollout: Rollout, old: ReplicaSet, new: ReplicaSet) -> Rollout:
    return replace(rollout, sets=tuple(new if each is old else each for each in rollout.sets))


def _recreate_step(rollout: Rollout, wanted: Wanted, at: float) -> Rollout:
    if rollout.total > rollout.current.count:
        olds = tuple(each.resized(0) for each in rollout.sets[:-1])
        return replace(rollout, sets=(*olds, rollout.current))
    new = rollout.current
    return _replaced(rollout, new, new.resized(wanted.replicas, at + wanted.start, wanted.failing_of(new)))


def _rolling_step(rollout: Rollout, wanted: Wanted, at: float) -> Rollout:
    """rolling.go:rolloutRolling: first the new set grows up to the surge, then the old ones shrink."""
    new = rollout.current
    room = wanted.replicas + wanted.surge - rollout.total
    size = min(new.count, wanted.replicas)
    if new.count < wanted.replicas and room > 0:
        size = new.count + min(room, wanted.replicas - new.count)
    if size != new.count:
        return _replaced(rollout, new, new.resized(size, at + wanted.start, wanted.failing_of(new)))
    return _old_shrunk(rollout, wanted)


def _old_shrunk(rollout: Rollout, wanted: Wanted) -> Rollout:
    """rolling.go:reconcileOldReplicaSets: delete unavailable pods first, then spare ones."""
    least = wanted.replicas - min(wanted.unavailable, wanted.replicas)
    new = rollout.current
    spare = rollout.total - least - (new.count - new.available)
    olds = []
    for each in rollout.sets[:-1]:
        dropped = max(0, min(spare, each.count - each.available))
        spare -= dropped
        olds.append(each.resized(each.count - dropped))
    spare_available = sum(each.available for each in (*olds, new)) - least
    for index, each in enumerate(olds):
        dropped = max(0, min(spare_available, each.count))
        spare_available -= dropped
        olds[index] = each.resized(each.count - dropped)
    return replace(rollout, sets=(*olds, new))


def _cleaned(rollout: Rollout) -> Rollout:
    """Drop old sets without pods: nothing uses them again."""
    if len(rollout.sets) == 1:
        return rollout
    return replace(rollout, sets=(*(each for each in rollout.sets[:-1] if each.count), rollout.current))


def _conditions(before: Rollout, rollout: Rollout, wanted: Wanted, at: float) -> Rollout:
    enough = rollout.available >= wanted.replicas - min(wanted.unavailable, wanted.replicas)
    since = None if enough else rollout.unavailable_since
    since = at if not enough and since is None else since
    new = rollout.current
    complete = new.count == rollout.total == wanted.replicas and rollout.available >= wanted.replicas
    progressed, stuck = rollout.progressed, rollout.stuck
    if complete:
        progressed, stuck = None, False
    elif progressed is not None and before.sets != rollout.sets:
        progressed, stuck = at, False
    return replace(rollout, unavailable_since=since, progressed=progressed, stuck=stuck)


def _timed_out(rollout: Rollout, wanted: Wanted, now: float) -> Rollout:
    """progress.go: the Deployment's own deadline, which applies only while a rollout isn't complete."""
    if rollout.progressed is None or now - rollout.progressed <= wanted.deadline:
        return rollout
    return replace(rollout, stuck=True)
