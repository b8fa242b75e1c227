"""The release's own object under a name that Flagger generates: each overwrites the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.names import canary_apisix_route, canary_ingress
from chartgen.flagger.providers import provider_of
from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.neighbours import in_same_namespace
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


# The routes that carry the apex name (pkg/router); HTTPRoute and VirtualService have rules of their own.
_APEX_ROUTES = ("HTTPProxy", "TraefikService", "RouteTable", "TrafficSplit", "TrafficRoute")


class GeneratedObjectCollides(CanaryRule):
    id = "generated-object-collides"
    severity = Severity.ERROR
    summary = "object with a name that Flagger generates"
    tags = ("routing", "references")

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:

        for kind, name in self._generated(canary):
            for other in in_same_namespace(canary.manifest, rendering, kind):
                if other.name == name:
                    yield Problem(
                        f"{kind} {name} has the name of the one that Flagger generates: Flagger overwrites it, and "
                        "each upgrade puts it back, also during a rollout; give it another name",
                        at=("metadata", "name"),
                        manifest=other,
                        # Outside a chart it may be there to be taken over once.
                        severity=None if rendering.chart.files else Severity.WARNING,
                    )

    def _generated(self, canary: Canary) -> Iterator[tuple[str, str]]:
        """Kind and name of the objects that Flagger generates and keeps in step with the Canary."""
        route, names = provider_of(canary.provider(self.cluster)).route, canary.fields.names
        if route in _APEX_ROUTES and names.apex:
            yield route, names.apex
        ingress, apisix = canary.field("ingressRef", "name"), canary.field("routeRef", "name")
        if route == "Ingress" and ingress:
            yield route, canary_ingress(str(ingress))
        if route == "ApisixRoute" and apisix:
            yield route, canary_apisix_route(str(apisix), names.apex)
        if canary.target_kind in {"Deployment", "DaemonSet"} and names.target:
            yield canary.target_kind, names.primary
        scaler = canary.table("autoscalerRef")
        if scaler.get("kind") and scaler.get("name"):
            yield str(scaler["kind"]), f"{scaler['name']}-primary"
