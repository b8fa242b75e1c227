"""What each provider can do, as one table (pkg/router, pkg/metrics/observers)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider: a name, or the prefix of names that are written with a colon and more.

    `weights`: it splits traffic. `matches`: an A/B test reaches only the users that match; elsewhere all of them.
    `mirrors_weights`, `mirrors_iterations`: mirroring works with weights, with iterations. `affinity`: sessions stick.
    `seconds_queries`: durations are asked for in seconds, not milliseconds (observers/http.go).
    """

    name: str
    weights: bool = True
    matches: bool = False
    mirrors_weights: bool = False
    mirrors_iterations: bool = False
    affinity: bool = False
    seconds_queries: bool = False


ISTIO = Provider("istio", matches=True, mirrors_weights=True, mirrors_iterations=True, affinity=True)
PROVIDERS = (
    ISTIO,
    Provider("gatewayapi", matches=True, mirrors_iterations=True, affinity=True, seconds_queries=True),
    Provider("kubernetes", weights=False, seconds_queries=True),
    Provider("nginx", matches=True),
    Provider("contour", matches=True),
    Provider("gloo", matches=True),
    Provider("appmesh", matches=True),
    Provider("skipper"),
    Provider("traefik"),
    Provider("kuma"),
    Provider("apisix"),
    Provider("linkerd"),
    Provider("smi"),
    Provider("osm"),
    Provider("knative"),
)
_BY_NAME = {provider.name: provider for provider in PROVIDERS}


def provider_of(name: str) -> Provider:
    """The provider of `spec.provider`; Flagger takes what it does not know for Istio."""
    return _BY_NAME.get(name.split(":", maxsplit=1)[0], ISTIO)
