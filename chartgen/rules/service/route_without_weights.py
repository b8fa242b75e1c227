"""A route under the name of Flagger's whose weights Flagger reads without looking whether they are there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.canary import as_list, as_mapping
from chartgen.flagger.names import canary_apisix_route
from chartgen.flagger.providers import provider_of
from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.neighbours import in_same_namespace
from chartgen.rules.rule import CLUSTER_WIDE, Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class RouteWithoutWeights(CanaryRule):
    id = "route-without-weights"
    severity = Severity.ERROR
    summary = "route of the name that Flagger uses, without the weights it reads, which crashes Flagger"
    tags = ("routing", CLUSTER_WIDE)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        kind = provider_of(canary.provider(self.cluster)).route
        apisix = canary_apisix_route(canary.fields.route, canary.apex)
        for route in in_same_namespace(canary.manifest, rendering, "TraefikService", "ApisixRoute"):
            if route.kind != kind or route.name != (canary.apex if kind == "TraefikService" else apisix):
                continue
            missing = _missing(route, canary.fields.names.primary_service)
            if missing:
                yield Problem(
                    f"{route.kind} {route.name} has {missing}, which Flagger reads without a check: the whole process "
                    "crashes, and again at every start, and no Canary in the cluster is processed anymore; give it "
                    "another name",
                    at=("metadata", "name"),
                    manifest=route,
                )


def _missing(route: Manifest, primary: str) -> str | None:
    """What Flagger dereferences and the route doesn't have."""
    if route.kind == "TraefikService":
        return None if isinstance(route.get(("spec", "weighted")), dict) else "no `weighted`"
    for entry in as_list(route.get(("spec", "http"))):
        for backend in map(as_mapping, as_list(as_mapping(entry).get("backends"))):
            if backend.get("serviceName") == primary and backend.get("weight") is None:
                return f"no weight for {primary}"
    return None
