"""A gateway without a namespace, which Istio looks up in the Canary's namespace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.neighbours import in_same_namespace, namespace_of
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class GatewayNotQualified(CanaryRule):
    id = "gateway-not-qualified"
    severity = Severity.WARNING
    summary = "Istio gateway without its namespace"
    tags = ("routing",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        if canary.provider(self.cluster) != "istio":
            return
        home = namespace_of(canary.manifest, rendering)
        gateways = in_same_namespace(canary.manifest, rendering, "Gateway")
        # The Gateway API has a Gateway, too.
        rendered = {gateway.name for gateway in gateways if gateway.group == "networking.istio.io"}
        known = rendered | set(self.cluster.gateways)
        for index, gateway in enumerate(canary.gateways):
            name = str(gateway)
            if name == "mesh" or "/" in name or "." in name or name in known or f"{home}/{name}" in known:
                continue
            where = "where the release doesn't render it" if rendering.chart.files else "where it may not be"
            yield Problem(
                f"gateway {name} has no namespace: Istio looks it up in {home}, {where}; write NAMESPACE/{name}",
                at=("spec", "service", "gateways", index),
                # Manifests outside a chart can be in several files.
                severity=None if rendering.chart.files else Severity.INFO,
            )
