"""The ConfigMaps and Secrets a target uses, and whether they changed (pkg/canary/config_tracker.go)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from chartgen.flagger.canary import as_list, as_mapping, as_str
from chartgen.flagger.schedule.errors import StepError
from chartgen.flagger.schedule.workloads import containers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chartgen.flagger.schedule.reconciliation import Reconciliation
    from chartgen.flagger.schedule.state import Tracked
    from chartgen.flagger.schedule.workloads import Workload

_RESOURCES = {"ConfigMap": "configmap", "Secret": "secret"}
_DISABLED = "flagger.app/config-tracking"
_TRACKED_SECRETS = {"Opaque", "kubernetes.io/basic-auth", "kubernetes.io/ssh-auth", "kubernetes.io/tls"}


def target_configs(run: Reconciliation, target: Workload) -> Tracked:
    """Names and checksums of the tracked configs; StepError if a mandatory one is missing."""
    found: dict[str, str] = {}
    wanted: dict[tuple[str, str], bool] = {}
    for kind, name, mandatory in references(target.pod_template):
        wanted[kind, name] = mandatory
    for (kind, name), mandatory in sorted(wanted.items()):
        body = run.objects.get((kind, name))
        if body is None:
            if mandatory:
                raise _missing(run, kind, name)
        elif _tracks(kind, body):
            found[f"{_RESOURCES[kind]}/{name}"] = json.dumps(_data(kind, body), sort_keys=True)
    return tuple(sorted(found.items()))


def have_changed(run: Reconciliation, target: Workload) -> bool:
    """config_tracker.go:HasConfigChanged; StepError as target_configs."""
    try:
        configs = target_configs(run, target)
    except StepError as error:
        raise error.within("GetTargetConfigs failed") from error
    tracked = run.cached.tracked_configs
    return bool(configs) if tracked is None else configs != tracked


def create_primary_configs(run: Reconciliation, tracked: Tracked) -> None:
    """config_tracker.go:CreatePrimaryConfigs: a copy of each, with only its `data`."""
    for reference, _ in tracked:
        resource, name = reference.split("/", 1)
        kind = "ConfigMap" if resource == "configmap" else "Secret"
        body = run.objects[kind, name]
        run.put(kind, f"{name}-primary", {"kind": kind, "type": body.get("type"), "data": body.get("data")})


def _missing(run: Reconciliation, kind: str, name: str) -> StepError:
    resource, namespace = _RESOURCES[kind], run.canary.names.namespace
    spaces = " " if kind == "Secret" or run.behavior.failed_promotion else "  "
    inner = f'{resource}{spaces}{name}.{namespace} get query error: {resource}s "{name}" not found'
    return StepError(f"{resource} {name}.{namespace} get query error: {inner}")


def _tracks(kind: str, body: Mapping[str, Any]) -> bool:
    annotations = as_mapping(as_mapping(body.get("metadata")).get("annotations"))
    if as_str(annotations.get(_DISABLED)).startswith("disable"):
        return False
    return kind == "ConfigMap" or (as_str(body.get("type")) or "Opaque") in _TRACKED_SECRETS


def _data(kind: str, body: Mapping[str, Any]) -> list[Any]:
    return [body.get("data")] if kind == "ConfigMap" else [body.get("data"), body.get("stringData")]


def references(template: Mapping[str, Any]) -> Iterator[tuple[str, str, bool]]:
    """Kind, name and whether it must exist; as in Flagger, the last reference decides."""
    for volume in as_list(as_mapping(template.get("spec")).get("volumes")):
        yield from _volume_references(as_mapping(volume))
    for container in containers(template):
        for variable in as_list(container.get("env")):
            source = as_mapping(as_mapping(variable).get("valueFrom"))
            if isinstance(source.get("configMapKeyRef"), dict):
                yield _reference("ConfigMap", source["configMapKeyRef"])
            elif isinstance(source.get("secretKeyRef"), dict):
                yield _reference("Secret", source["secretKeyRef"])
        for source in map(as_mapping, as_list(container.get("envFrom"))):
            if isinstance(source.get("configMapRef"), dict):
                yield _reference("ConfigMap", source["configMapRef"])
            elif isinstance(source.get("secretRef"), dict):
                yield _reference("Secret", source["secretRef"])


def _volume_references(volume: Mapping[str, Any]) -> Iterator[tuple[str, str, bool]]:
    if isinstance(volume.get("configMap"), dict):
        yield _reference("ConfigMap", volume["configMap"])
    if isinstance(volume.get("secret"), dict):
        yield _reference("Secret", volume["secret"], "secretName")
    for source in map(as_mapping, as_list(as_mapping(volume.get("projected")).get("sources"))):
        if isinstance(source.get("configMap"), dict):
            yield _reference("ConfigMap", source["configMap"])
        if isinstance(source.get("secret"), dict):
            yield _reference("Secret", source["secret"])


def _reference(kind: str, reference: Mapping[str, Any], field: str = "name") -> tuple[str, str, bool]:
    return kind, as_str(reference.get(field)), reference.get("optional") is not True
