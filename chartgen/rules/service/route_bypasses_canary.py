"""A route of the release to the apex Service itself: only the route that Flagger generates has the weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.flagger.canary import as_list, as_mapping
from chartgen.flagger.providers import GATEWAYS, provider_of
from chartgen.flagger.strategy import Strategy
from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.neighbours import in_same_namespace, ingress_backends
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest, Route
    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary

# Flagger's route → the user's routes that should lead to it, and how.
_DOORS = {
    "HTTPProxy": (("HTTPProxy", "Ingress"), "include HTTPProxy {apex} in an HTTPProxy"),
    "TraefikService": (("IngressRoute", "Ingress"), "name it with kind: TraefikService in an IngressRoute"),
    "HTTPRoute": (("HTTPRoute", "Ingress"), "list the host in service.hosts, which HTTPRoute {apex} serves"),
    "RouteTable": (("Ingress",), "delegate to RouteTable {apex} in a VirtualService of Gloo"),
}
# Where these kinds list the Services they route to.
_LISTS = ("services", "backendRefs")


class RouteBypassesCanary(CanaryRule):
    id = "route-bypasses-canary"
    severity = Severity.WARNING
    summary = "route to the apex Service, past the route that has the weights"
    tags = ("routing",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        generated = provider_of(canary.provider(self.cluster)).route
        if generated not in _DOORS or not canary.analyses or canary.target_kind == "Service":
            return
        # At the end of a blue/green analysis the apex Service has the new version, too.
        if canary.strategy(self.cluster) is Strategy.BLUE_GREEN or _is_in_mesh(canary):
            return
        kinds, advice = _DOORS[generated]
        for route in in_same_namespace(canary.manifest, rendering, *kinds):
            if (route.kind, route.name) == (generated, canary.apex):
                continue
            for at, name in _services(route):
                if name == canary.apex:
                    yield Problem(
                        f"{route.kind} {route.name} routes to Service {name} itself, but only {generated} {name} has "
                        "the weights: its users may never reach the canary; " + advice.format(apex=name),
                        at=at,
                        manifest=route,
                    )
                    break


def _is_in_mesh(canary: Canary) -> bool:
    """Whether the generated HTTPRoute belongs to the Service: then a mesh splits the calls to it."""
    return any(as_mapping(each).get("kind") == "Service" for each in as_list(canary.field(*GATEWAYS)))


def _services(route: Manifest) -> Iterator[tuple[Route, str]]:
    if route.kind == "Ingress":
        yield from ingress_backends(route)
    else:
        yield from _listed(route.get(("spec",)), ("spec",))


def _listed(value: Any, at: Route) -> Iterator[tuple[Route, str]]:
    """The names of Services in the lists of an object."""
    if isinstance(value, list):
        for index, each in enumerate(value):
            yield from _listed(each, (*at, index))
    elif isinstance(value, dict):
        for key, held in value.items():
            if key not in _LISTS:
                yield from _listed(held, (*at, key))
                continue
            for index, each in enumerate(map(as_mapping, as_list(held))):
                if each.get("kind") in {None, "Service"}:
                    yield (*at, key, index, "name"), str(each.get("name"))
