"""What rules ask of a provider beyond the table of `chartgen.flagger.providers`."""

from __future__ import annotations

from chartgen.flagger.crd import NEWEST
from chartgen.flagger.crd.fields import structural_schema
from chartgen.flagger.crd.releases import nearest

# Their routers copy the Ingress that ingressRef names (ingress.go, skipper.go).
NEEDS_INGRESS = frozenset({"nginx", "skipper"})
# Pods reach each other through these, so that an Ingress outside goes past them.
_MESHES = frozenset({"istio", "linkerd", "osm", "smi", "appmesh", "kuma"})
# Their builtin queries are built from the target's name, the routes from the Service's (observers against routers).
_BY_TARGET = frozenset({"skipper", "gloo", "traefik", "kuma", "apisix"})


def is_mesh(provider: str) -> bool:
    """Whether calls inside the cluster go through the provider."""
    return _family(provider) in _MESHES


def asks_by_target(provider: str) -> bool:
    """Whether builtin metrics ask for the target's name while the routes carry the Service's."""
    return _family(provider) in _BY_TARGET


def provider_names(flagger: str | None) -> tuple[str, ...]:
    """The names a release's CRD allows, those of the newest where it allows any."""
    for release in (flagger or NEWEST, NEWEST):
        node = structural_schema("Canary", nearest(release))["properties"]["spec"]["properties"]["provider"]
        if "enum" in node:
            return tuple(node["enum"])
    return ()


def _family(provider: str) -> str:
    return provider.split(":", maxsplit=1)[0]
