"""Gateways without hosts: the VirtualService matches only the apex name, which no public request carries."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class IstioGatewayWithoutHosts(CanaryRule):
    id = "istio-gateway-without-hosts"
    severity = Severity.WARNING
    summary = "public gateway without hosts"
    tags = ("routing",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002

        public = [str(gateway) for gateway in canary.gateways if gateway != "mesh"]
        if canary.provider(self.cluster) == "istio" and public and not canary.hosts:
            yield Problem(
                f"gateways names {public[0]}, but hosts is empty: the VirtualService serves host {canary.apex} only, "
                "so requests for a public host get a 404; set service.hosts",
                at=("spec", "service", "gateways"),
            )
