"""What each provider can do, as Flagger's routers and observers have it (1.44.0), in one table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Provider:
    """One mesh or ingress controller.

    `mirrors` and `mirrors_weights`: traffic mirroring with iterations, and with weights. `l4`: builtin metrics come
    from the application itself. `by_target`: builtin queries are built from the target's name, not the Service's.
    `in_mesh`: pods reach each other through it, so that an Ingress outside goes past it.
    """

    weights: bool = True
    ab: bool = False
    mirrors: bool = False
    mirrors_weights: bool = False
    affinity: bool = False
    l4: bool = False
    by_target: bool = False
    in_mesh: bool = False


_TABLE = {
    "istio": Provider(ab=True, mirrors=True, mirrors_weights=True, affinity=True, in_mesh=True),
    "gatewayapi:v1": Provider(ab=True, mirrors=True, affinity=True, l4=True),
    "gatewayapi:v1beta1": Provider(ab=True, mirrors=True, affinity=True, l4=True),
    "nginx": Provider(ab=True),
    "skipper": Provider(by_target=True),
    "contour": Provider(ab=True),
    "gloo": Provider(ab=True, by_target=True),
    "traefik": Provider(by_target=True),
    "kuma": Provider(by_target=True, in_mesh=True),
    "apisix": Provider(by_target=True),
    "linkerd": Provider(in_mesh=True),
    "osm": Provider(in_mesh=True),
    "smi:v1alpha1": Provider(in_mesh=True),
    "smi:v1alpha2": Provider(in_mesh=True),
    "smi:v1alpha3": Provider(in_mesh=True),
    "appmesh": Provider(ab=True, in_mesh=True),
    "appmesh:v1beta1": Provider(ab=True, in_mesh=True),
    "appmesh:v1beta2": Provider(ab=True, in_mesh=True),
    "knative": Provider(),
    "kubernetes": Provider(weights=False, l4=True),
}

PROVIDERS = tuple(_TABLE)
# Their routers copy the Ingress that ingressRef names (ingress.go, skipper.go).
NEEDS_INGRESS = frozenset({"nginx", "skipper"})


def provider_named(name: str) -> Provider:
    """What a provider can do; unknown names are taken for Istio, as Flagger does (factory.go:MeshRouter)."""
    return _TABLE.get(name, _TABLE["istio"])
