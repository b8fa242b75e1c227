"""A setting that the provider's router doesn't read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.providers import INGRESS, provider_of
from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


_ISTIO = "VirtualService"
_SMI = "TrafficSplit"
_APP_MESH = "VirtualRouter"
_GATEWAY_API = "HTTPRoute"
_CONTOUR = "HTTPProxy"
# Fields below `spec` and the routes of the providers whose routers read them (pkg/router).
_READERS: dict[tuple[str, ...], tuple[str, ...]] = {
    ("service", "hosts"): (_ISTIO, _SMI, _APP_MESH, _GATEWAY_API),
    ("service", "gateways"): (_ISTIO, _SMI),
    ("service", "gatewayRefs"): (_GATEWAY_API,),
    ("service", "meshName"): (_APP_MESH,),
    ("service", "backends"): (_APP_MESH,),
    ("service", "trafficPolicy"): (_ISTIO,),
    ("service", "delegation"): (_ISTIO,),
    ("service", "corsPolicy"): (_ISTIO, _GATEWAY_API),
    ("service", "headers"): (_ISTIO, _GATEWAY_API),
    ("service", "retries"): (_ISTIO, _APP_MESH, _CONTOUR),
    ("service", "timeout"): (_ISTIO, _APP_MESH, _CONTOUR, _GATEWAY_API),
    ("service", "match"): (_ISTIO, _APP_MESH, _CONTOUR, _GATEWAY_API),
    ("service", "rewrite"): (_ISTIO, _GATEWAY_API),
    ("service", "mirror"): (_GATEWAY_API,),
    ("service", "backendTimeout"): (_GATEWAY_API,),
    INGRESS: ("Ingress",),
    ("routeRef",): ("ApisixRoute",),
    ("upstreamRef",): ("RouteTable",),
}


class SettingIgnoredByProvider(CanaryRule):
    id = "setting-ignored-by-provider"
    severity = Severity.INFO
    summary = "setting that the provider ignores"
    tags = ("providers",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002

        name = canary.provider(self.cluster)
        provider = provider_of(name)
        # Without a provider of its own, the Canary may be meant for another one.
        if not canary.field("provider") or canary.target_kind == "Service":
            return
        for field, readers in _READERS.items():
            if canary.field(*field) and provider.route not in readers:
                yield Problem(
                    f"{'.'.join(field)} has no effect: provider {name} ignores it; remove it or use a "
                    "provider that reads it",
                    at=("spec", *field),
                )
