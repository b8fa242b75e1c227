"""Port discovery with `mesh` listed before another gateway: the routes have no destination port."""

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
        gateways = [str(gateway) for gateway in canary.gateways]
        discovers = canary.service.get("portDiscovery") is True
        if canary.provider(self.cluster) != "istio" or not discovers or gateways[:1] != [_MESH]:
            return
        if any(gateway != _MESH for gateway in gateways):
            yield Problem(
                "mesh is listed first: with portDiscovery Flagger then writes routes without a port, and requests "
                "through the other gateway may fail; list that gateway first",
                at=("spec", "service", "gateways", 0),
            )
