"""The kinds of routes with two weights (smi*.go, contour.go, traefik.go, kuma.go)."""

from __future__ import annotations

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


def weighted(entry: Spec, weight: int) -> Spec:
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


def path_prefix(canary: Canary) -> str:
    """The prefix of the first match of `service.match`, the only one that Contour and App Mesh routes use."""
    matches = as_list(canary.service.get("match"))
    first = as_mapping(matches[0]) if matches else {}
    return as_str(as_mapping(first.get("uri")).get("prefix")) or "/"


# Contour HTTPProxy


def _proxy(canary: Canary, primary: int, weight: int) -> Spec:
    prefix = path_prefix(canary)
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
        route["retryPolicy"] = _retry_policy(canary.service["retries"])
    shares = zip(_services(canary), (primary, weight), strict=True)
    return {**route, "services": [weighted(_proxy_service(canary, name), share) for name, share in shares]}


def _retry_policy(retries: Mapping[str, Any]) -> Spec:
    """contour.go:makeRetryOn splits even an empty text, into one empty word."""
    policy: Spec = {"count": as_int(retries.get("attempts")), "retryOn": as_str(retries.get("retryOn")).split(",")}
    per_try = as_str(retries.get("perTryTimeout"))
    return {**policy, "perTryTimeout": per_try} if per_try else policy


def _proxy_service(canary: Canary, name: str) -> Spec:
    address = f"{name}.{canary.names.namespace}.svc.cluster.local:{canary.port}"
    headers = {"set": [{"name": "l5d-dst-override", "value": address}]}
    return {"name": name, "port": canary.port, "requestHeadersPolicy": headers}


def _proxy_conditions(canary: Canary, prefix: str) -> list[Spec]:
    conditions = []
    for match in canary.analysis.match:
        for name, asked in sorted(as_mapping(match.get("headers")).items()):
            condition = as_mapping(asked)
            exact = as_str(condition.get("exact"))
            header: Spec = {"name": name, "exact": exact} if exact else {"name": name}
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
    services = [weighted({"name": primary_service, **shared}, primary)]
    if weight > 0:
        services.append(weighted({"name": canary_service, **shared}, weight))
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


_GET, _QUERY = "get query error", "query error:"
SMI = Split(
    kind="TrafficSplit",
    resource="trafficsplits.split.smi-spec.io",
    version="v1alpha2",
    spec=_traffic_split,
    read=_read_split,
    bare=_bare_split,
    missing=_GET,
    called=_GET,
    canary_is_rest=False,
    errs_on_nothing=True,
    follows_metadata=False,
)
SMI_QUANTITIES = SMI._replace(version="v1alpha1", spec=_quantity_split)
CONTOUR = Split(
    kind="HTTPProxy",
    resource="httpproxies.projectcontour.io",
    version="v1",
    spec=_proxy,
    read=_read_proxy,
    bare=_bare_proxy,
    missing=_GET,
    called=_QUERY,
)
TRAEFIK = Split(
    kind="TraefikService",
    resource="traefikservices.traefik.io",
    version="v1alpha1",
    spec=_traefik,
    read=_read_traefik,
    bare=_bare_traefik,
    missing=_QUERY,
    called=_QUERY,
)
KUMA = Split(
    kind="TrafficRoute",
    resource="trafficroutes.kuma.io",
    version="v1alpha1",
    spec=_kuma,
    read=_read_kuma,
    bare=_bare_kuma,
    missing=_GET,
    called=_GET,
    errs_on_nothing=True,
    namespaced=False,
)
