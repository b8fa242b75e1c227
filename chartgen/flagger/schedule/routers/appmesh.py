"""App Mesh's virtual router of the apex (pkg/router/appmesh.go, appmesh_v1beta2.go).

v1beta1 keeps the same routes in a VirtualService. Virtual nodes and the canary's own router aren't simulated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.flagger.canary import as_int, as_list, as_mapping, as_str
from chartgen.flagger.go_durations import DurationError, parse_duration
from chartgen.flagger.schedule.errors import StepError
from chartgen.flagger.schedule.routers.split_kinds import Spec, Weights, path_prefix
from chartgen.flagger.schedule.routers.splits import Split, SplitRouter, by_name
from chartgen.flagger.schedule.routes import TOTAL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chartgen.flagger.canary import Canary
    from chartgen.flagger.schedule.reconciliation import Reconciliation


class AppMeshRouter(SplitRouter):
    """appmesh.go (v1beta1) requires a mesh name; v1beta2 doesn't."""

    def reconcile(self, run: Reconciliation) -> None:
        if run.canary.provider == "appmesh" and not run.canary.service.get("meshName"):
            raise StepError("mesh name cannot be empty")
        SplitRouter.reconcile(self, run)


def _spec(canary: Canary, primary: int, weight: int) -> Spec:
    names = canary.names
    both = [_target(names.canary_service, weight), _target(names.primary_service, primary)]
    listener = {"portMapping": {"port": _container_port(canary), "protocol": _protocol(canary)}}
    if not canary.analysis.match:
        return {"listeners": [listener], "routes": [_route(canary, names.apex, [], both)]}
    matching = {**_route(canary, f"{names.apex}-a", _headers(canary), both), "priority": 10}
    others = {**_route(canary, f"{names.apex}-b", [], [_target(names.primary_service, TOTAL)]), "priority": 20}
    return {"listeners": [listener], "routes": [matching, others]}


def _target(name: str, weight: int) -> Spec:
    return {"virtualNodeRef": {"name": name}, "weight": weight}


def _route(canary: Canary, name: str, headers: list[Spec], targets: list[Spec]) -> Spec:
    match: Spec = {"prefix": path_prefix(canary)}
    if headers:
        match["headers"] = headers
    route: Spec = {"match": match, "action": {"weightedTargets": targets}}
    if timeout := _milliseconds(canary.service.get("timeout")):
        route["timeout"] = {"perRequest": timeout}
    if isinstance(canary.service.get("retries"), dict):
        route["retryPolicy"] = _retry_policy(canary.service["retries"])
    return {"name": name, "httpRoute": route}


def _retry_policy(retries: Mapping[str, Any]) -> Spec:
    """makeRetryPolicy: by default one retry on gateway errors, after 250 ms."""
    events = as_str(retries.get("retryOn"))
    return {
        "perRetryTimeout": _milliseconds(retries.get("perTryTimeout")) or {"unit": "ms", "value": 250},
        "maxRetries": max(1, as_int(retries.get("attempts"))),
        "httpRetryEvents": events.split(",") if events else ["gateway-error"],
    }


def _milliseconds(duration: object) -> Spec | None:
    try:
        return {"unit": "ms", "value": int(parse_duration(as_str(duration)) * 1000)}
    except DurationError:
        return None


def _headers(canary: Canary) -> list[Spec]:
    forms = ("exact", "prefix", "regex", "suffix")
    return [
        {"name": name, "match": {form: condition[form] for form in forms if condition.get(form)}}
        for match in canary.analysis.match
        for name, condition in sorted(as_mapping(match.get("headers")).items())
        if isinstance(condition, dict)
    ]


def _protocol(canary: Canary) -> str:
    return "grpc" if "grpc" in as_str(canary.service.get("portName")) else "http"


def _container_port(canary: Canary) -> int:
    return max(0, as_int(canary.service.get("targetPort"))) or canary.port


def _weighted_targets(spec: Mapping[str, Any]) -> list[Spec]:
    routes = as_list(spec.get("routes"))
    route = as_mapping(as_mapping(routes[0]).get("httpRoute")) if routes else {}
    targets = map(as_mapping, as_list(as_mapping(route.get("action")).get("weightedTargets")))
    return [{**each, "name": as_mapping(each.get("virtualNodeRef")).get("name")} for each in targets]


def _read(canary: Canary, spec: Mapping[str, Any]) -> Weights:
    primary, weight = by_name(
        _weighted_targets(spec), "name", canary.names.primary_service, canary.names.canary_service
    )
    return primary, weight


def _bare(spec: Mapping[str, Any]) -> Any:
    """IgnoreTypes(WeightedTarget{}): targets aren't compared."""
    routes = [as_mapping(each) for each in as_list(spec.get("routes"))]
    kept = [{**each, "httpRoute": {**as_mapping(each.get("httpRoute")), "action": None}} for each in routes]
    return spec.get("listeners"), kept


APPMESH = Split(
    kind="VirtualRouter",
    resource="virtualrouters.appmesh.k8s.aws",
    version="v1beta2",
    spec=_spec,
    read=_read,
    bare=_bare,
    missing="get query error:",
    called="get query error:",
    canary_is_rest=False,
    errs_on_nothing=True,
    follows_metadata=False,
    namespaced=False,
    failed=" {verb} error ",
)
