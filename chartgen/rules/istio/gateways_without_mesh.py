"""Gateways without `mesh`: calls inside the mesh bypass the canary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class GatewaysWithoutMesh(CanaryRule):
    id = "gateways-without-mesh"
    severity = Severity.WARNING
    summary = "gateways without mesh, so calls inside the mesh bypass the canary"
    tags = ("routing",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        if canary.provider(self.cluster) != "istio" or not canary.gateways or "*" in canary.hosts:
            return
        if "mesh" not in canary.gateways:
            yield Problem(
                f"service.gateways doesn't list mesh: calls to {canary.apex} from inside the mesh, by other apps or by "
                "load tests, go to the primary; add mesh",
                at=("spec", "service", "gateways"),
            )
