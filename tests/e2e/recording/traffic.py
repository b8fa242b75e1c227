"""The weights of providers whose recordings keep them under `traffic`, and what Knative made of a Service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.e2e.knative import API as KNATIVE

if TYPE_CHECKING:
    from tests.e2e.client import Client, JsonObject

_SMI = {"osm": "v1alpha2", "smi:v1alpha2": "v1alpha2", "smi:v1alpha3": "v1alpha3"}


def traffic(client: Client, provider: str, namespace: str, apex: str, route: str | None) -> JsonObject:
    """`traffic` and, for Gloo, `matchers`; nothing for other providers, or while the route isn't there."""
    version, kind, name = _place(provider, namespace, apex, route)
    body = client.get(version, kind, namespace, name) if kind else None
    return _READERS[kind](body["spec"]) if body else {}


def knative(client: Client, namespace: str, target: str) -> JsonObject:
    """`knative`, nothing without the Service."""
    service = client.get(KNATIVE, "Service", namespace, target)
    if service is None:
        return {}
    status, annotations = service.get("status") or {}, service["metadata"].get("annotations") or {}
    return {
        "knative": {
            "primaryRevision": annotations.get("flagger.app/primary-revision"),
            "latestCreated": status.get("latestCreatedRevisionName"),
            "latestReady": status.get("latestReadyRevisionName"),
            "specTraffic": service["spec"].get("traffic"),
            "statusTraffic": status.get("traffic"),
        }
    }


def _place(provider: str, namespace: str, apex: str, route: str | None) -> tuple[str, str, str]:
    """API version, kind and name of the route; an empty kind for other providers."""
    places = {
        "gloo": ("gateway.solo.io/v1", "RouteTable", apex),
        "kuma": ("kuma.io/v1alpha1", "TrafficRoute", apex),
        "apisix": ("apisix.apache.org/v2", "ApisixRoute", f"{route}-{apex}-canary"),
        "appmesh:v1beta2": ("appmesh.k8s.aws/v1beta2", "VirtualRouter", apex),
        "appmesh": ("appmesh.k8s.aws/v1beta1", "VirtualService", f"{apex}.{namespace}"),
        **{name: (f"split.smi-spec.io/{version}", "TrafficSplit", apex) for name, version in _SMI.items()},
    }
    return places.get(provider, ("", "", ""))


def _route_table(spec: JsonObject) -> JsonObject:
    route = spec["routes"][0]
    split = route["routeAction"]["multi"]["destinations"]
    weights = [[each["destination"]["upstream"]["name"], each.get("weight")] for each in split]
    return {"traffic": weights, **({"matchers": route["matchers"]} if "matchers" in route else {})}


def _traffic_route(spec: JsonObject) -> JsonObject:
    split = spec["conf"]["split"]
    return {"traffic": [[each["destination"]["kuma.io/service"], each["weight"]] for each in split]}


def _apisix_route(spec: JsonObject) -> JsonObject:
    return {"traffic": [[each["serviceName"], each["weight"]] for each in spec["http"][0]["backends"]]}


def _virtual_router(spec: JsonObject) -> JsonObject:
    targets = [route["httpRoute"]["action"]["weightedTargets"] for route in spec["routes"]]
    return {"traffic": [[[each["virtualNodeRef"]["name"], each["weight"]] for each in rule] for rule in targets]}


def _virtual_service(spec: JsonObject) -> JsonObject:
    targets = [route["http"]["action"]["weightedTargets"] for route in spec["routes"]]
    return {"traffic": [[[each["virtualNodeName"], each["weight"]] for each in rule] for rule in targets]}


def _traffic_split(spec: JsonObject) -> JsonObject:
    return {"traffic": [[each["service"], each["weight"]] for each in spec["backends"]]}


_READERS: dict[str, Any] = {
    "RouteTable": _route_table,
    "TrafficRoute": _traffic_route,
    "ApisixRoute": _apisix_route,
    "VirtualRouter": _virtual_router,
    "VirtualService": _virtual_service,
    "TrafficSplit": _traffic_split,
}
