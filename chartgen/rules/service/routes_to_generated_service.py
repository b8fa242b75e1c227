"""A route of the release that leads to one of the Services that Flagger generates for the two versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.flagger.canary import read_canary
from chartgen.flagger.crd import NEWEST
from chartgen.flagger.generated import generated_objects
from chartgen.flagger.providers import provider_of
from chartgen.manifests.namespaced import body_with_namespace
from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.neighbours import namespace_of
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Route
    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary

# Kinds that route requests, by what follows them in their API group: any of their versions.
_ROUTES = (
    "Ingress",
    "VirtualService",
    "HTTPRoute",
    "GRPCRoute",
    "TCPRoute",
    "TLSRoute",
    "HTTPProxy",
    "IngressRoute",
    "IngressRouteTCP",
    "TraefikService",
    "ApisixRoute",
    "TrafficSplit",
    "RouteTable",
    "VirtualHost",
    "Mapping",
)
# The fields in which they name a Service.
_NAMES = frozenset({"name", "serviceName", "host", "service", "backend"})


class RoutesToGeneratedService(CanaryRule):
    id = "routes-to-generated-service"
    former_ids = ("ingress-routes-to-canary-service",)
    severity = Severity.WARNING
    summary = "route that leads to the Service of one version, past the weights"
    tags = ("routing",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        if not canary.apex or canary.target_kind == "Service":
            return
        home, names = namespace_of(canary.manifest, rendering), canary.fields.names
        effects = {
            names.canary_service: self._canary_effect(canary),
            names.primary_service: "whose pods run the old version during a rollout: its users bypass the canary, and "
            f"the analysis doesn't see their requests; route to {names.apex}",
        }
        fields = read_canary(body_with_namespace(canary.manifest, rendering.request.namespace))
        generated = {
            (each.kind, each.name)
            for each in generated_objects(fields, None, self.cluster.flagger or NEWEST, canary.provider(self.cluster))
        }
        for route in rendering.of_kind(*_ROUTES):
            if (route.kind, route.name) in generated:
                continue
            own = namespace_of(route, rendering) == home
            for service, effect in effects.items():
                known = _hosts(service, home) if own else _hosts(service, home)[1:]
                for at in _named(route.get(("spec",)), ("spec",), known):
                    yield Problem(
                        f"{route.kind} {route.name} routes to Service {service}, {effect}", at=at, manifest=route
                    )

    def _canary_effect(self, canary: Canary) -> str:
        merged = ""
        if provider_of(canary.provider(self.cluster)).name == "nginx":
            merged = ", and ingress-nginx may not serve a Service of its canary Ingress a second time"
        return (
            f"which has no pods between rollouts: its users get errors{merged}; route a preview to another deployment "
            "of the app"
        )


def _hosts(service: str, namespace: str) -> tuple[str, ...]:
    """The ways to write a Service's name; the first one only within its namespace."""
    full = f"{service}.{namespace}"
    return service, full, f"{full}.svc", f"{full}.svc.cluster.local"


def _named(value: Any, at: Route, known: tuple[str, ...]) -> Iterator[Route]:
    """The fields that name the Service."""
    if isinstance(value, dict):
        for key, held in value.items():
            if key in _NAMES and isinstance(held, str) and held in known:
                yield (*at, key)
            else:
                yield from _named(held, (*at, key), known)
    elif isinstance(value, list):
        for index, held in enumerate(value):
            yield from _named(held, (*at, index), known)
