"""Port discovery behind a gateway that is not named first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary

_MESH = "mesh"


class PortDiscoveryWithGateway(CanaryRule):
    id = "port-discovery-with-gateway"
    severity = Severity.INFO
    summary = "gateway routes without a destination port"
    tags = ("istio",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        gateways = [str(one) for one in canary.gateways]
        discovers = canary.service.get("portDiscovery") is True
        if canary.provider(self.cluster) != "istio" or not discovers or gateways[:1] != [_MESH]:
            return
        if any(one != _MESH for one in gateways):
            yield Problem(
                "with portDiscovery and mesh as the first gateway the routes name no port: behind the gateway a "
                "Service of several ports is ambiguous; name the gateway first",
                at=("spec", "service", "gateways", 0),
            )
