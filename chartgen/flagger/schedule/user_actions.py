"""What users and deployments change between two ticks: a new version, an edit, a deletion."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from chartgen.flagger.canary import as_mapping, read_canary
from chartgen.flagger.schedule import workloads

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chartgen.flagger.schedule.state import Key, State

_WORKLOADS = ("Deployment", "DaemonSet")
VERSION = "version"


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A new version in the target's pod template: the given one, or a new one."""

    version: str | None = None
    annotations: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Patch:
    """An edit of an object: a merge patch (a mapping) or a JSON patch (a list). `name` defaults to `default_name`."""

    kind: str
    patch: Mapping[str, Any] | Sequence[Mapping[str, Any]]
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Delete:
    """The deletion of an object; for a Canary see `finalizer`."""

    kind: str
    name: str | None = None


Action = NewVersion | Patch | Delete


def apply_action(state: State, action: Action, second: float) -> State:
    """The state after an action; an invalid action changes nothing."""
    if isinstance(action, NewVersion):
        return _new_version(state, action, second)
    if isinstance(action, Patch):
        return _patch(state, action, second)
    return _delete(state, action)


def _new_version(state: State, action: NewVersion, second: float) -> State:
    state = replace(state, version=state.version + 1)
    version = str(state.version) if action.version is None else action.version
    annotations = {VERSION: version, **action.annotations}
    patch = {"spec": {"template": {"metadata": {"annotations": annotations}}}}
    kind, name = state.canary.target_kind, state.canary.names.target
    if (kind, name) in state.workloads:
        return _patch_workload(state, (kind, name), patch, second)
    body = state.objects.get((kind, name))
    return state if body is None else _with(state, (kind, name), merge_patch(body, patch))


def _patch(state: State, action: Patch, second: float) -> State:
    if action.kind == "Canary":
        if not state.exists:
            return state
        return replace(state, canary=read_canary(_patched(state.canary.manifest, action.patch)))
    key = (action.kind, action.name or default_name(state, action.kind))
    if action.kind in _WORKLOADS:
        return _patch_workload(state, key, action.patch, second)
    body = state.objects.get(key)
    return state if body is None else _with(state, key, _patched(body, action.patch))


def _patch_workload(state: State, key: Key, patch: Any, second: float) -> State:
    workload = state.workloads.get(key)
    if workload is None:
        return state
    current = workloads.advanced_to(workload, second)
    changed = workloads.changed(current, _patched(workload.manifest, patch), second)
    return replace(state, workloads={**state.workloads, key: changed})


def _delete(state: State, action: Delete) -> State:
    key = (action.kind, action.name or default_name(state, action.kind))
    if action.kind in _WORKLOADS:
        return replace(state, workloads={other: state.workloads[other] for other in state.workloads if other != key})
    return replace(state, objects={other: state.objects[other] for other in state.objects if other != key})


def _with(state: State, key: Key, body: Mapping[str, Any]) -> State:
    return replace(state, objects={**state.objects, key: body})


def default_name(state: State, kind: str) -> str:
    """The default object of a kind: the first one, or the one named like the apex if it exists or none does."""
    names = state.canary.names
    if kind in _WORKLOADS:
        return names.target
    found = [name for each, name in state.objects if each == kind]
    return found[0] if found and names.apex not in found else names.apex


def _patched(body: Mapping[str, Any], patch: Any) -> Any:
    if isinstance(patch, list):
        return with_operations(body, patch)
    return merge_patch(body, patch)


def merge_patch(body: Any, patch: Any) -> Any:
    """RFC 7386: a null deletes, a mapping merges, anything else replaces."""
    if not isinstance(patch, dict):
        return patch
    result = dict(as_mapping(body))
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merge_patch(result.get(key), value)
    return result


def with_operations(body: Mapping[str, Any], operations: Sequence[Any]) -> Any:
    """RFC 6902: add, replace, remove; if one operation fails, none applies, as on a server."""
    result: Any = copy.deepcopy(body)
    try:
        for operation in operations:
            _operate(result, operation)
    except (KeyError, IndexError, TypeError, ValueError):
        return body
    return result


def _operate(result: Any, operation: Mapping[str, Any]) -> None:
    *route, last = [step.replace("~1", "/").replace("~0", "~") for step in operation["path"].split("/")[1:]]
    parent = result
    for step in route:
        parent = parent[int(step)] if isinstance(parent, list) else parent[step]
    kind = operation["op"]
    if isinstance(parent, list):
        index = len(parent) if last == "-" else int(last)
        if kind == "add":
            parent.insert(index, operation["value"])
        elif kind == "replace":
            parent[index] = operation["value"]
        elif kind == "remove":
            del parent[index]
    elif kind == "remove":
        del parent[last]
    elif kind in {"add", "replace"}:
        parent[last] = operation["value"]
