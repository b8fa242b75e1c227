"""The objects that Flagger generates around a Canary, by provider and release (pkg/router, pkg/canary).

What it writes into its routes is in `schedule.routers`. A test compares this table with what the simulator writes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from chartgen.flagger.behavior import behavior
from chartgen.flagger.canary import as_mapping
from chartgen.flagger.groups import GROUPS
from chartgen.flagger.names import CANARY, PRIMARY, canary_apisix_route, canary_ingress
from chartgen.flagger.providers import provider_of
from chartgen.flagger.schedule.configs import references

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chartgen.flagger.canary import Canary

_WORKLOADS = ("Deployment", "DaemonSet")
_SCALERS = ("HorizontalPodAutoscaler", "ScaledObject")
# The kinds of routes that have the apex name.
_ROUTES = ("VirtualService", "HTTPRoute", "HTTPProxy", "RouteTable", "TrafficSplit", "TrafficRoute")


class GeneratedObject(NamedTuple):
    """One object; `group` is its API group, empty for the core group. Objects of the cluster have no namespace."""

    kind: str
    name: str
    group: str
    namespaced: bool = True


def generated_objects(
    canary: Canary, target: Mapping[str, Any] | None, flagger: str, provider: str = ""
) -> Iterator[GeneratedObject]:
    """Everything that Flagger creates or takes over; copies of ConfigMaps and Secrets only for a known `target`.

    `provider` overrides the Canary's. The apex Service is among them, a Knative Service isn't: that is the target.
    """
    names = canary.names
    if not names.target or canary.knative_target:
        return
    services = [names.apex, names.primary_service, names.canary_service]
    if canary.target_kind == "Service":
        services = [names.primary, names.target + CANARY]
    yield from (GeneratedObject("Service", name, "") for name in services)
    if canary.target_kind in _WORKLOADS:
        yield GeneratedObject(canary.target_kind, names.primary, GROUPS[canary.target_kind])
        yield from _configs(target)
    if canary.autoscaler and canary.autoscaler.kind in _SCALERS and canary.autoscaler.name:
        kind = canary.autoscaler.kind
        yield GeneratedObject(kind, canary.autoscaler.name + PRIMARY, GROUPS[kind])
    yield from _routes(canary, provider or canary.provider, flagger)


def _configs(target: Mapping[str, Any] | None) -> Iterator[GeneratedObject]:
    """The copies that the primary uses (pkg/canary/config_tracker.go:CreatePrimaryConfigs)."""
    template = as_mapping(as_mapping((target or {}).get("spec")).get("template"))
    found = dict.fromkeys((kind, name) for kind, name, _ in references(template) if name)
    yield from (GeneratedObject(kind, name + PRIMARY, "") for kind, name in found)


def _routes(canary: Canary, provider: str, flagger: str) -> Iterator[GeneratedObject]:
    names, kind = canary.names, provider_of(provider).route
    if kind in _ROUTES:
        yield GeneratedObject(kind, names.apex, GROUPS[kind], namespaced=kind != "TrafficRoute")
    if kind == "VirtualService":
        for name in (names.primary_service, names.canary_service):
            yield GeneratedObject("DestinationRule", name, GROUPS["DestinationRule"])
    elif kind == "TraefikService":
        old = behavior(flagger).old_traefik_group
        yield GeneratedObject(kind, names.apex, "traefik.containo.us" if old else GROUPS[kind])
    elif kind == "RouteTable":
        for role in ("primary", "canary"):
            upstream = f"{names.namespace}-{names.apex}-{role}upstream-{canary.port}"
            yield GeneratedObject("Upstream", upstream, GROUPS["Upstream"])
    elif kind == "Ingress" and canary.ingress:
        yield GeneratedObject(kind, canary_ingress(canary.ingress), GROUPS[kind])
    elif kind == "ApisixRoute" and canary.route:
        yield GeneratedObject(kind, canary_apisix_route(canary.route, names.apex), GROUPS[kind])
    elif kind == "VirtualRouter":
        yield from _appmesh(canary, beta2=provider.startswith("appmesh:v1beta2"))


def _appmesh(canary: Canary, *, beta2: bool) -> Iterator[GeneratedObject]:
    names, group = canary.names, GROUPS["VirtualRouter"]
    if not beta2:
        for name in (names.apex, names.primary_service, names.canary_service):
            yield GeneratedObject("VirtualNode", name, group)
        for name in (names.apex, names.canary_service):
            yield GeneratedObject("VirtualService", f"{name}.{names.namespace}", group)
        return
    for name in (names.primary_service, names.canary_service):
        yield GeneratedObject("VirtualNode", name, group)
    for name in (names.apex, names.canary_service):
        yield GeneratedObject("VirtualRouter", name, group)
        yield GeneratedObject("VirtualService", name, group)
