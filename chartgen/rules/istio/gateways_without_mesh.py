"""Gateways without `mesh`: callers inside the mesh only reach the primary."""

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
        named = canary.gateways
        if canary.provider(self.cluster) != "istio" or not named or "*" in canary.hosts:
            return
        if "mesh" not in named:
            yield Problem(
                "without mesh among the gateways calls between services of the mesh go to the primary only, and load "
                "tests in the cluster never reach the canary's share",
                at=("spec", "service", "gateways"),
            )
