"""Host `*` on the gateway `mesh`, which captures the requests of every sidecar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class WildcardHostInMesh(CanaryRule):
    id = "wildcard-host-in-mesh"
    severity = Severity.ERROR
    summary = "host * on the mesh gateway"
    tags = ("routing",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        if canary.provider(self.cluster) != "istio" or canary.service.get("delegation") is True:
            return
        if "*" in canary.hosts and (not canary.gateways or "mesh" in canary.gateways):
            yield Problem(
                "host * on the gateway mesh captures the HTTP requests of every sidecar in the cluster, or Istio "
                "rejects the VirtualService; list the app's hosts instead",
                at=("spec", "service", "hosts", canary.hosts.index("*")),
            )
