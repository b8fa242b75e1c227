"""A load balancer that is gone with the chart's Service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.without_canary import front_services, without_canary
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class ServiceTypeNotClusterip(CanaryRule):
    id = "service-type-not-clusterip"
    severity = Severity.INFO
    summary = "LoadBalancer or NodePort Service that Flagger creates as ClusterIP"
    tags = ("services",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        off = without_canary(canary, rendering)
        if off is None:
            return
        for service in front_services(canary, rendering, off):
            kind = service.get(("spec", "type"))
            gone = rendering.named("Service", service.name) is None
            if service.name == canary.apex and kind in {"LoadBalancer", "NodePort"} and gone:
                yield Problem(
                    f"without the canary Service {service.name} is a {kind}; installed with it, Flagger makes a "
                    "ClusterIP: "
                    "install with the canary off first, an adopted Service keeps its type",
                    at=("spec", "service"),
                )
