"""A service.port that the chart's own Service doesn't have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.canary import number
from chartgen.rules.reading.neighbours import ports_of
from chartgen.rules.reading.without_canary import front_services, without_canary
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class ServicePortChangedByCanary(CanaryRule):
    id = "service-port-changed-by-canary"
    severity = Severity.ERROR
    summary = "Canary that changes the port callers use"
    tags = ("services",)
    yields_to = ("jx-internal-port",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        canary_off = without_canary(canary, rendering)
        port = number(canary.service.get("port"))
        if canary_off is None or port is None or canary.target_kind == "Service":
            return
        for service in front_services(canary, rendering, canary_off):
            ports = [declared.get("port") for _, declared in ports_of(service)]
            if service.name == canary.apex and ports and port not in ports:
                yield Problem(
                    f"service.port is {port:g}, but Service {service.name} has port {_joined(ports)} while the canary "
                    "is off: callers of the old port get no answer",
                    at=("spec", "service", "port"),
                )


def _joined(ports: list[Any]) -> str:
    return ", ".join(str(port) for port in ports)
