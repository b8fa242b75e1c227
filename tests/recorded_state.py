"""What a recording's `after` would say of a simulated tick."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.flagger.canary import as_list, as_mapping
from chartgen.flagger.names import canary_apisix_route, canary_ingress
from chartgen.flagger.schedule.targets.knative import PRIMARY_REVISION, reconciled

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chartgen.flagger.canary import Canary
    from chartgen.flagger.schedule import State
    from chartgen.flagger.schedule.workloads import Workload

_ROUTE_KINDS = {
    "linkerd": "TrafficSplit",
    "smi:v1alpha1": "TrafficSplit",
    "contour": "HTTPProxy",
    "traefik": "TraefikService",
    "gatewayapi:v1": "HTTPRoute",
    "gatewayapi:v1beta1": "HTTPRoute",
    "istio": "VirtualService",
}
_ANNOTATION_PREFIXES = ("nginx.ingress.kubernetes.io/", "zalando.org/")


def observed_state(state: State, canary: Canary) -> dict[str, Any]:
    """Canary, workloads, routes, apex Service; missing objects have no key.

    `canary` is the one sent at first: it names the observed objects, even if it is changed later.
    """
    observed: dict[str, Any] = {"exists": state.exists}
    has_status = state.exists and bool(state.status.phase)
    for key, value in (
        ("phase", state.status.phase),
        ("failedChecks", state.status.failed_checks),
        ("iterations", state.status.iterations),
        ("canaryWeight", state.status.canary_weight),
    ):
        observed[key] = value if has_status else None
    if state.status.promoted:
        observed["promoted"] = list(state.status.promoted)
    names, kind = canary.names, canary.target_kind
    for key, name in (("target", names.target), ("primary", names.primary)):
        if workload := state.workloads.get((kind, name)):
            observed[key] = _workload(workload)
    observed |= _routing(canary, state)
    observed |= _traffic(canary, state)
    if canary.provider == "knative" and (service := state.objects.get(("Service", names.target))):
        observed["knative"] = _knative(state, service)
    if apex := state.objects.get(("Service", names.apex)):
        observed["apexSelector"] = as_mapping(apex.get("spec")).get("selector")
    return observed


def _workload(workload: Workload) -> dict[str, Any]:
    if workload.kind == "DaemonSet":
        return {"nodeSelector": workload.node_selector}
    return {"replicas": workload.replicas}


def _routing(canary: Canary, state: State) -> dict[str, Any]:
    provider = canary.provider
    if canary.ingress and provider in {"kubernetes", "nginx", "skipper"}:
        return _ingress_annotations(state.objects.get(("Ingress", canary_ingress(canary.ingress))))
    kind = _ROUTE_KINDS.get(provider)
    body = state.objects.get((kind, canary.names.apex)) if kind else None
    if kind is None or body is None:
        return {}
    spec = as_mapping(body.get("spec"))
    if kind == "VirtualService":
        return _virtual_service(spec)
    if kind == "HTTPRoute":
        return _http_route(spec)
    if kind == "TrafficSplit":
        return {"route": [[each["service"], each["weight"]] for each in spec["backends"]]}
    services = spec["routes"][0]["services"] if kind == "HTTPProxy" else spec["weighted"]["services"]
    return {"route": [[each["name"], each.get("weight")] for each in services]}


def _traffic(canary: Canary, state: State) -> dict[str, Any]:
    """The weights of providers whose recordings keep them under `traffic`."""
    names, objects = canary.names, state.objects
    if canary.provider.startswith("gloo") and (table := objects.get(("RouteTable", names.apex))):
        route = as_mapping(as_list(as_mapping(table["spec"])["routes"])[0])
        split = route["routeAction"]["multi"]["destinations"]
        weights = [[each["destination"]["upstream"]["name"], each.get("weight")] for each in split]
        return {"traffic": weights, **({"matchers": route["matchers"]} if "matchers" in route else {})}
    if canary.provider == "kuma" and (body := objects.get(("TrafficRoute", names.apex))):
        split = body["spec"]["conf"]["split"]
        return {"traffic": [[each["destination"]["kuma.io/service"], each["weight"]] for each in split]}
    name = canary_apisix_route(canary.route, names.apex)
    if canary.provider == "apisix" and (body := objects.get(("ApisixRoute", name))):
        return {"traffic": [[each["serviceName"], each["weight"]] for each in body["spec"]["http"][0]["backends"]]}
    if canary.provider.startswith("appmesh") and (body := objects.get(("VirtualRouter", names.apex))):
        targets = [route["httpRoute"]["action"]["weightedTargets"] for route in body["spec"]["routes"]]
        return {"traffic": [[[each["virtualNodeRef"]["name"], each["weight"]] for each in rule] for rule in targets]}
    smi = canary.provider == "osm" or canary.provider.startswith(("smi:v1alpha2", "smi:v1alpha3"))
    if smi and (body := objects.get(("TrafficSplit", names.apex))):
        return {"traffic": [[each["service"], each["weight"]] for each in body["spec"]["backends"]]}
    return {}


def _knative(state: State, service: Mapping[str, Any]) -> dict[str, Any]:
    """What Knative's controllers have made of the Service in the seconds after the tick."""
    current, _ = reconciled(state.objects, service)
    annotations = as_mapping(as_mapping(current.get("metadata")).get("annotations"))
    status = as_mapping(current.get("status"))
    return {
        "primaryRevision": annotations.get(PRIMARY_REVISION),
        "latestCreated": status.get("latestCreatedRevisionName"),
        "latestReady": status.get("latestReadyRevisionName"),
        "specTraffic": as_mapping(current.get("spec")).get("traffic"),
        "statusTraffic": status.get("traffic"),
    }


def _ingress_annotations(body: Mapping[str, Any] | None) -> dict[str, Any]:
    if body is None:
        return {}
    annotations = as_mapping(as_mapping(body.get("metadata")).get("annotations"))
    shown = {
        key.removeprefix(prefix): value
        for key, value in sorted(annotations.items())
        for prefix in _ANNOTATION_PREFIXES
        if key.startswith(prefix)
    }
    return {"ingressAnnotations": shown}


def _virtual_service(spec: Mapping[str, Any]) -> dict[str, Any]:
    rules = spec.get("http") or spec.get("tcp") or []
    read = [
        [[each["destination"]["host"], each.get("weight", 0)] for each in rule.get("route") or ()] for rule in rules
    ]
    summary = {**_rules(read), "rules": len(read)} if read else {}
    if rules and (mirror := as_mapping(rules[0].get("mirror"))):
        summary["mirror"] = [mirror["host"], as_mapping(rules[0].get("mirrorPercentage")).get("value")]
    return summary


def _http_route(spec: Mapping[str, Any]) -> dict[str, Any]:
    rules = as_list(spec.get("rules"))
    summary = _rules([[[each["name"], each.get("weight", 0)] for each in rule["backendRefs"]] for rule in rules])
    filters = as_list(rules[0].get("filters")) if rules else []
    mirrors = [each["requestMirror"]["backendRef"]["name"] for each in filters if each["type"] == "RequestMirror"]
    return {**summary, "mirror": [mirrors[0], None]} if mirrors else summary


def _rules(read: list[list[list[Any]]]) -> dict[str, Any]:
    if not read:
        return {}
    return {"route": read[0], **({"allRules": read} if len(read) > 1 else {})}
