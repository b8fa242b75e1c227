"""Which provider splits the traffic at an Ingress that bypasses the mesh, for a chart that add-canary refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.canary.providers import setup_of
from chartgen.flagger.canary import as_mapping
from chartgen.rules.reading.neighbours import ingress_backends

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.canary.planner import PlannedCanary
    from chartgen.manifests.manifest import Manifest

# The finding that this answers.
RULE = "ingress-in-front-is-not-in-mesh"
_OLD_CLASS = "kubernetes.io/ingress.class"
# The class of an Ingress → how its controller gets Flagger's weights. Classes have the names of providers.
_WAYS = {
    "nginx": "Flagger copies it with the weights, for the controller ingress-nginx",
    "skipper": "Flagger copies it with the weights",
    "traefik": "Flagger writes the TraefikService {apex} with the weights: replace it by an IngressRoute that names it",
    "contour": "Flagger writes the HTTPProxy {apex} with the weights: replace it by an HTTPProxy that includes it",
}
# Annotations of another controller whose Ingresses often have the class `nginx`, too.
_NOT_INGRESS_NGINX = "nginx.org/"


def ways_on(planned: PlannedCanary) -> Iterator[str]:
    """A line for each Ingress in front of the Canary whose class says which provider splits its traffic."""
    apex, namespace = planned.analysis.surroundings.apex, planned.analysis.target.namespace
    for ingress in planned.analysis.roots:
        if ingress.kind != "Ingress" or ingress.namespace not in {None, namespace}:
            continue
        provider = _class_of(ingress)
        if provider in _WAYS and _can_split(ingress, provider, apex):
            way = _WAYS[provider].format(apex=apex)
            yield f"Ingress {ingress.name} has the class {provider}: try --provider {provider}, where {way}"


def _can_split(ingress: Manifest, provider: str, apex: str) -> bool:
    kind = setup_of(provider).route_kind
    backends = kind.backends(ingress) if kind else {name for _, name in ingress_backends(ingress)}
    return apex in backends


def _class_of(ingress: Manifest) -> str:
    annotations = as_mapping(ingress.get(("metadata", "annotations")))
    if any(str(key).startswith(_NOT_INGRESS_NGINX) for key in annotations):
        return ""
    return str(ingress.get(("spec", "ingressClassName")) or annotations.get(_OLD_CLASS) or "")
