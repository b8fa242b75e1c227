"""A LoadBalancer or NodePort Service that becomes a ClusterIP Service with the canary on."""

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
        canary_off = without_canary(canary, rendering)
        if canary_off is None:
            return
        for service in front_services(canary, rendering, canary_off):
            service_type = service.get(("spec", "type"))
            is_removed = rendering.named("Service", service.name) is None
            if service.name == canary.apex and service_type in {"LoadBalancer", "NodePort"} and is_removed:
                yield Problem(
                    f"Service {service.name} is a {service_type} while the canary is off, but Flagger creates it as "
                    "ClusterIP: install with the canary off first, so that Flagger adopts the Service and keeps its "
                    "type",
                    at=("spec", "service"),
                )
