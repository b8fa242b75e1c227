"""The state before a Canary's first tick: the objects as applied, the status as Flagger first reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.flagger.canary import Canary, as_mapping, as_str, read_canary
from chartgen.flagger.groups import of_flaggers_groups
from chartgen.flagger.schedule.state import INITIALIZING, State, Status
from chartgen.flagger.schedule.workloads import new_workload

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from chartgen.flagger.schedule.state import Key
    from chartgen.flagger.schedule.workloads import Workload

# Seconds until a pod is ready, if nothing else says how long it takes.
POD_START = 0.3
_WORKLOADS = ("Deployment", "DaemonSet")
# Objects exist for this many seconds before Flagger processes their Canary.
_BEFORE = 2.0


def first_state(
    canary: Mapping[str, Any], objects: Iterable[Mapping[str, Any]], *, pod_start: float = POD_START
) -> State:
    """The state before the first tick. `pod_start` applies to pods whose template has no ready-after annotation."""
    read = read_canary(canary)
    found: dict[Key, Mapping[str, Any]] = {}
    workloads: dict[Key, Workload] = {}
    for body in of_flaggers_groups(objects, read):
        kind, name = as_str(body.get("kind")), _key_name(body, read.names.namespace)
        if kind in _WORKLOADS:
            workloads[kind, name] = new_workload(body, -_BEFORE, pod_start)
        elif kind != "Canary":
            found[kind, name] = body
    status = Status().conditioned(INITIALIZING, read.target_kind)
    scheduled = is_scheduled(read)
    if scheduled:
        # As setPhaseInitializing in controller.go writes it, before the first tick.
        status = Status(phase=INITIALIZING, promoted=status.promoted)
    return State(read, status if scheduled else Status(), found, workloads, scheduled=scheduled)


def _key_name(body: Mapping[str, Any], namespace: str) -> str:
    metadata = as_mapping(body.get("metadata"))
    name, own_namespace = as_str(metadata.get("name")), as_str(metadata.get("namespace"))
    return f"{own_namespace}/{name}" if own_namespace and own_namespace != namespace else name


def is_scheduled(canary: Canary) -> bool:
    """Whether Flagger schedules the Canary; controller.go:verifyCanary rejects others without an event."""
    if canary.knative_target != (canary.spec.get("provider") == "knative"):
        return False
    if canary.knative_target and canary.autoscaler:
        return False
    affinity = canary.analysis.affinity
    return affinity is None or affinity.cookie != affinity.primary_cookie
