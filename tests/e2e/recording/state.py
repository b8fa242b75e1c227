"""The state on the API server after a tick, in the shape of a recording's `after`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.e2e.recording.traffic import knative, traffic

if TYPE_CHECKING:
    from tests.e2e.client import Client, JsonObject

_VERSION = "version"
_WORKLOADS = ("Deployment", "DaemonSet")
_ROUTE_KINDS = {
    "linkerd": ("split.smi-spec.io/v1alpha1", "TrafficSplit"),
    "smi:v1alpha1": ("split.smi-spec.io/v1alpha1", "TrafficSplit"),
    "contour": ("projectcontour.io/v1", "HTTPProxy"),
    "traefik": ("traefik.io/v1alpha1", "TraefikService"),
    "gatewayapi:v1": ("gateway.networking.k8s.io/v1", "HTTPRoute"),
    "istio": ("networking.istio.io/v1beta1", "VirtualService"),
    "": ("networking.istio.io/v1beta1", "VirtualService"),
}
_ROUTELESS = ("kubernetes", "nginx", "skipper")
_ANNOTATION_PREFIXES = ("nginx.ingress.kubernetes.io/", "zalando.org/")


@dataclass(frozen=True, slots=True)
class Names:
    """The objects of one rollout."""

    namespace: str
    canary: str
    kind: str
    target: str
    apex: str
    provider: str
    ingress: str | None
    route: str | None = None

    @classmethod
    def of(cls, canary: JsonObject) -> Names:
        spec = canary["spec"]
        # A document that the server will refuse may lack any of them.
        target = {"kind": "Deployment", "name": "", **(spec.get("targetRef") or {})}
        return cls(
            namespace=canary["metadata"]["namespace"],
            canary=canary["metadata"]["name"],
            kind=target["kind"],
            target=target["name"],
            apex=(spec.get("service") or {}).get("name") or target["name"],
            provider=spec.get("provider") or "",
            ingress=(spec.get("ingressRef") or {}).get("name"),
            route=(spec.get("routeRef") or {}).get("name"),
        )


def state(client: Client, names: Names) -> JsonObject:
    """`after`: Canary, workloads, routes, apex Service; what is not there has no key."""
    canary = client.get("flagger.app/v1beta1", "Canary", names.namespace, names.canary)
    after = _canary_state(canary)
    for key, name in (("target", names.target), ("primary", f"{names.target}-primary")):
        workload = client.get("apps/v1", names.kind, names.namespace, name) if names.kind in _WORKLOADS else None
        if workload:
            after[key] = _workload_state(workload)
    after.update(_routing(client, names))
    after.update(traffic(client, names.provider, names.namespace, names.apex, names.route))
    if names.provider == "knative":
        after.update(knative(client, names.namespace, names.target))
    apex = client.get("v1", "Service", names.namespace, names.apex)
    if apex:
        after["apexSelector"] = apex["spec"].get("selector")
    return after


def _canary_state(canary: JsonObject | None) -> JsonObject:
    status = (canary or {}).get("status") or {}
    after: JsonObject = {"exists": canary is not None}
    for key in ("phase", "failedChecks", "iterations", "canaryWeight"):
        after[key] = status.get(key, 0 if key != "phase" and status else None)
    for condition in status.get("conditions") or ():
        if condition["type"] == "Promoted":
            after["promoted"] = [condition["status"], condition["reason"], condition["message"]]
    return after


def _workload_state(workload: JsonObject) -> JsonObject:
    spec, status = workload["spec"], workload.get("status") or {}
    version = (spec["template"]["metadata"].get("annotations") or {}).get(_VERSION)
    if workload["kind"] == "DaemonSet":
        selector = spec["template"]["spec"].get("nodeSelector")
        return {"nodeSelector": selector, "available": status.get("numberAvailable", 0), "version": version}
    return {"replicas": spec.get("replicas"), "available": status.get("availableReplicas", 0), "version": version}


def _routing(client: Client, names: Names) -> JsonObject:
    if names.ingress and names.provider in _ROUTELESS:
        return _ingress_annotations(client, names)
    if names.provider not in _ROUTE_KINDS:
        return {}
    version, kind = _ROUTE_KINDS[names.provider]
    route = client.get(version, kind, names.namespace, names.apex)
    return _READERS[kind](route["spec"]) if route else {}


def _ingress_annotations(client: Client, names: Names) -> JsonObject:
    ingress = client.get("networking.k8s.io/v1", "Ingress", names.namespace, f"{names.ingress}-canary")
    if not ingress:
        return {}
    annotations = ingress["metadata"].get("annotations") or {}
    annotations_ = {
        key.removeprefix(prefix): value
        for key, value in sorted(annotations.items())
        for prefix in _ANNOTATION_PREFIXES
        if key.startswith(prefix)
    }
    return {"ingressAnnotations": annotations_}


def _virtual_service(spec: JsonObject) -> JsonObject:
    rules = spec.get("http") or spec.get("tcp") or []
    read = [
        [[each["destination"]["host"], each.get("weight", 0)] for each in rule.get("route") or ()] for rule in rules
    ]
    mirror = (rules[0].get("mirror") or {}) if rules else {}
    percentage = (rules[0].get("mirrorPercentage") or {}).get("value") if rules else None
    return _rules(read, counted=True) | ({"mirror": [mirror["host"], percentage]} if mirror else {})


def _http_route(spec: JsonObject) -> JsonObject:
    rules = spec.get("rules") or []
    read = [[[each["name"], each.get("weight", 0)] for each in rule.get("backendRefs") or ()] for rule in rules]
    mirrors = [
        each["requestMirror"]["backendRef"]["name"]
        for each in (rules[0].get("filters") or () if rules else ())
        if each["type"] == "RequestMirror"
    ]
    return _rules(read, counted=False) | ({"mirror": [mirrors[0], None]} if mirrors else {})


def _rules(read: list[list[list[Any]]], *, counted: bool) -> JsonObject:
    if not read:
        return {}
    summary: JsonObject = {"route": read[0]}
    if counted:
        summary["rules"] = len(read)
    return summary | ({"allRules": read} if len(read) > 1 else {})


def _traffic_split(spec: JsonObject) -> JsonObject:
    return {"route": [[each["service"], each["weight"]] for each in spec["backends"]]}


def _http_proxy(spec: JsonObject) -> JsonObject:
    return {"route": [[each["name"], each.get("weight")] for each in spec["routes"][0]["services"]]}


def _traefik_service(spec: JsonObject) -> JsonObject:
    return {"route": [[each["name"], each.get("weight")] for each in spec["weighted"]["services"]]}


_READERS = {
    "VirtualService": _virtual_service,
    "HTTPRoute": _http_route,
    "TrafficSplit": _traffic_split,
    "HTTPProxy": _http_proxy,
    "TraefikService": _traefik_service,
}


def compact(recording: JsonObject) -> str:
    """A recording as text: indented, with one tick a line, so that a difference is a line of a diff."""
    ticks = recording.get("ticks") or []
    head = json.dumps({**recording, "ticks": []}, indent=1, ensure_ascii=False)
    lines = ",\n".join(f"  {json.dumps(tick, ensure_ascii=False)}" for tick in ticks)
    return head.removesuffix("[]\n}") + (f"[\n{lines}\n ]\n}}\n" if lines else "[]\n}\n")
