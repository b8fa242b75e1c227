"""The kinds of routes with two weights (smi*.go, contour.go, traefik.go, kuma.go, gloo.go, appmesh*.go)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chartgen.flagger.canary import as_int, as_list, as_mapping, as_str
from chartgen.flagger.schedule.routers.splits import Split, by_name, without_weights
from chartgen.flagger.schedule.routes import TOTAL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chartgen.flagger.canary import Canary

Spec = dict[str, Any]
Weights = tuple[int | None, int | None]


def _services(canary: Canary) -> tuple[str, str]:
    return canary.names.primary_service, canary.names.canary_service


def _weighted(entry: Spec, weight: int) -> Spec:
    """The entry with a weight; Go omits a weight of 0 if the field has omitempty."""
    return {**entry, "weight": weight} if weight else entry


# SMI TrafficSplit


def _traffic_split(canary: Canary, primary: int, weight: int) -> Spec:
    hosts = as_list(canary.service.get("hosts"))
    entries = ((canary.names.canary_service, weight), (canary.names.primary_service, primary))
    return {
        "service": hosts[0] if hosts else canary.names.apex,
        "backends": [{"service": name, "weight": share} for name, share in entries],
    }


def _quantity_split(canary: Canary, primary: int, weight: int) -> Spec:
    """v1alpha1: weights are quantities, which are written as strings."""
    spec = _traffic_split(canary, primary, weight)
    return {**spec, "backends": [{**each, "weight": str(each["weight"])} for each in spec["backends"]]}


def _read_split(canary: Canary, spec: Mapping[str, Any]) -> Weights:
    primary, weight = by_name(spec.get("backends"), "service", *_services(canary))
    return primary, weight


def _bare_split(spec: Mapping[str, Any]) -> Any:
    return spec.get("service"), without_weights(spec.get("backends"))


# Contour HTTPProxy


def _proxy(canary: Canary, primary: int, weight: int) -> Spec:
    prefix = "/"
    matches = as_list(canary.service.get("match"))
    if matches:
        prefix = as_str(as_mapping(as_mapping(matches[0]).get("uri")).get("prefix")) or prefix
    everybody = [{"prefix": prefix}]
    if not canary.analysis.match:
        return {"routes": [_proxy_route(canary, everybody, primary, weight)]}
    return {
        "routes": [
            _proxy_route(canary, _proxy_conditions(canary, prefix), primary, weight),
            _proxy_route(canary, everybody, TOTAL, 0),
        ]
    }


def _proxy_route(canary: Canary, conditions: list[Spec], primary: int, weight: int) -> Spec:
    route: Spec = {"conditions": conditions}
    if as_str(canary.service.get("timeout")):
        route["timeoutPolicy"] = {"response": canary.service["timeout"], "idle": "5m"}
    if isinstance(canary.service.get("retries"), dict):
        route["retryPolicy"] = canary.service["retries"]
    shares = zip(_services(canary), (primary, weight), strict=True)
    services = [_weighted({"name": name, "port": canary.port}, share) for name, share in shares]
    return {**route, "services": services}


def _proxy_conditions(canary: Canary, prefix: str) -> list[Spec]:
    conditions = []
    for match in canary.analysis.match:
        for name, asked in sorted(as_mapping(match.get("headers")).items()):
            condition = as_mapping(asked)
            header: Spec = {"name": name, "exact": as_str(condition.get("exact"))}
            contained = as_str(condition.get("prefix")) or as_str(condition.get("suffix"))
            if contained:
                header = {"name": name, "contains": contained}
            conditions.append({"prefix": prefix, "header": header})
    return conditions


def _read_proxy(canary: Canary, spec: Mapping[str, Any]) -> Weights:
    routes = as_list(spec.get("routes"))
    primary, weight = by_name(as_mapping(routes[0]).get("services") if routes else None, "name", *_services(canary))
    return primary, weight


def _bare_proxy(spec: Mapping[str, Any]) -> Any:
    routes = [as_mapping(each) for each in as_list(spec.get("routes"))]
    return [{**route, "services": without_weights(route.get("services"))} for route in routes]


# Traefik TraefikService


def _traefik(canary: Canary, primary: int, weight: int) -> Spec:
    shared = {"namespace": canary.names.namespace, "port": canary.port}
    primary_service, canary_service = _services(canary)
    services = [_weighted({"name": primary_service, **shared}, primary)]
    if weight > 0:
        services.append(_weighted({"name": canary_service, **shared}, weight))
    return {"weighted": {"services": services}}


def _read_traefik(canary: Canary, spec: Mapping[str, Any]) -> Weights:
    primary, weight = by_name(as_mapping(spec.get("weighted")).get("services"), "name", *_services(canary))
    return primary, weight


def _bare_traefik(spec: Mapping[str, Any]) -> Any:
    # During a run the second service is the canary's; a third one is unexpected.
    services = without_weights(as_mapping(spec.get("weighted")).get("services"))
    return services[:1], services[2:]


# Kuma TrafficRoute


def _kuma(canary: Canary, primary: int, weight: int) -> Spec:
    shares = zip(_services(canary), (primary, weight), strict=True)
    split = [{"weight": share, "destination": _kuma_service(canary, name)} for name, share in shares]
    return {
        "sources": [{"match": {"kuma.io/service": "*"}}],
        "destinations": [{"match": _kuma_service(canary, canary.names.apex)}],
        "conf": {"split": split},
    }


def _kuma_service(canary: Canary, name: str) -> Spec:
    return {"kuma.io/service": f"{name}_{canary.names.namespace}_svc_{canary.port}"}


def _read_kuma(canary: Canary, spec: Mapping[str, Any]) -> Weights:
    primary = None
    for split in map(as_mapping, as_list(as_mapping(spec.get("conf")).get("split"))):
        service = as_str(as_mapping(split.get("destination")).get("kuma.io/service"))
        if service.split("_")[0] == canary.names.primary_service:
            primary = as_int(split.get("weight"))
    return primary, None


def _bare_kuma(spec: Mapping[str, Any]) -> Any:
    return spec.get("sources"), spec.get("destinations"), without_weights(as_mapping(spec.get("conf")).get("split"))


# Gloo RouteTable


def _gloo(canary: Canary, primary: int, weight: int) -> Spec:
    destinations = [
        _weighted({"destination": {"upstream": _upstream(canary, role)}}, share)
        for role, share in (("primary", primary), ("canary", weight))
    ]
    matchers = [
        {"name": name, "value": as_str(as_mapping(asked).get("regex")) or as_str(as_mapping(asked).get("exact"))}
        for match in canary.analysis.match
        for name, asked in sorted(as_mapping(match.get("headers")).items())
    ]
    methods = [
        as_str(as_mapping(match.get("method")).get("exact")) for match in canary.analysis.match if match.get("method")
    ]
    route: Spec = {"inheritablePathMatchers": True}
    if matchers or methods:
        route["matchers"] = [{"headers": matchers, "methods": methods}]
    return {"routes": [{**route, "routeAction": {"multi": {"destinations": destinations}}}]}


def _upstream(canary: Canary, role: str) -> Spec:
    names = canary.names
    return {"name": f"{names.namespace}-{names.apex}-{role}upstream-{canary.port}", "namespace": names.namespace}


def _gloo_destinations(spec: Mapping[str, Any]) -> list[Any]:
    routes = as_list(spec.get("routes"))
    action = as_mapping(as_mapping(routes[0]).get("routeAction")) if routes else {}
    return as_list(as_mapping(action.get("multi")).get("destinations"))


def _read_gloo(canary: Canary, spec: Mapping[str, Any]) -> Weights:
    wanted = _upstream(canary, "primary")["name"]
    for each in map(as_mapping, _gloo_destinations(spec)):
        if as_mapping(as_mapping(each.get("destination")).get("upstream")).get("name") == wanted:
            return as_int(each.get("weight")), None
    return None, None


def _bare_gloo(spec: Mapping[str, Any]) -> Any:
    routes = [as_mapping(each) for each in as_list(spec.get("routes"))]
    kept = [{key: value for key, value in each.items() if key != "routeAction"} for each in routes]
    return kept, without_weights(_gloo_destinations(spec))


# App Mesh virtual routers


def _appmesh(canary: Canary, primary: int, weight: int) -> Spec:
    shares = ((canary.names.canary_service, weight), (canary.names.primary_service, primary))
    targets = [{"virtualNodeRef": {"name": name}, "name": name, "weight": share} for name, share in shares]
    return {"routes": [{"httpRoute": {"action": {"weightedTargets": targets}}}]}


def _appmesh_targets(spec: Mapping[str, Any]) -> list[Any]:
    routes = as_list(spec.get("routes"))
    route = as_mapping(as_mapping(routes[0]).get("httpRoute")) if routes else {}
    return as_list(as_mapping(route.get("action")).get("weightedTargets"))


def _read_appmesh(canary: Canary, spec: Mapping[str, Any]) -> Weights:
    primary, weight = by_name(_appmesh_targets(spec), "name", *_services(canary))
    return primary, weight


def _bare_appmesh(spec: Mapping[str, Any]) -> Any:
    return without_weights(_appmesh_targets(spec))


_GET, _QUERY = "get query error", "query error:"
SMI = Split(
    kind="TrafficSplit",
    resource="trafficsplits.split.smi-spec.io",
    spec=_traffic_split,
    read=_read_split,
    bare=_bare_split,
    missing=_GET,
    called=_GET,
    canary_is_rest=False,
    errs_on_nothing=True,
    follows_metadata=False,
)
SMI_QUANTITIES = replace(SMI, spec=_quantity_split)
CONTOUR = Split(
    kind="HTTPProxy",
    resource="httpproxies.projectcontour.io",
    spec=_proxy,
    read=_read_proxy,
    bare=_bare_proxy,
    missing=_GET,
    called=_QUERY,
)
TRAEFIK = Split(
    kind="TraefikService",
    resource="traefikservices.traefik.io",
    spec=_traefik,
    read=_read_traefik,
    bare=_bare_traefik,
    missing=_QUERY,
    called=_QUERY,
)
KUMA = Split(
    kind="TrafficRoute",
    resource="trafficroutes.kuma.io",
    spec=_kuma,
    read=_read_kuma,
    bare=_bare_kuma,
    missing=_GET,
    called=_GET,
    errs_on_nothing=True,
    namespaced=False,
)
GLOO = Split(
    kind="RouteTable",
    resource="routetables.gateway.solo.io",
    spec=_gloo,
    read=_read_gloo,
    bare=_bare_gloo,
    missing=f"{_GET}:",
    called=_QUERY,
)
APPMESH = Split(
    kind="VirtualRouter",
    resource="virtualrouters.appmesh.k8s.aws",
    spec=_appmesh,
    read=_read_appmesh,
    bare=_bare_appmesh,
    missing=f"{_GET}:",
    called=f"{_GET}:",
    canary_is_rest=False,
    errs_on_nothing=True,
    follows_metadata=False,
    namespaced=False,
)
