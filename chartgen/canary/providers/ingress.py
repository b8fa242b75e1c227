"""nginx and Skipper: Flagger copies the chart's Ingress (pkg/router/ingress.go and skipper.go)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.canary.providers.setup import PlainSetup, RouteKind
from chartgen.flagger.canary import as_list, as_mapping
from chartgen.flagger.schedule.routers.ingress import backend_service

if TYPE_CHECKING:
    from chartgen.manifests.manifest import Manifest


def backends(ingress: Manifest) -> set[str]:
    """The Services to which the paths of an Ingress send requests. Flagger doesn't read `spec.defaultBackend`."""
    rules = map(as_mapping, as_list(ingress.get(("spec", "rules"))))
    paths = [path for rule in rules for path in as_list(as_mapping(rule.get("http")).get("paths"))]
    return {backend_service(as_mapping(path)) for path in paths}


INGRESS = RouteKind(
    "ingressRef",
    "Ingress",
    "networking.k8s.io/v1",
    backends,
    "Flagger copies an Ingress with a path to this Service",
)

SETUPS = (PlainSetup(("nginx", "skipper"), INGRESS),)
