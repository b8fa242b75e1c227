"""portDiscovery publishes a UDP container port as TCP: Flagger doesn't read a port's protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.ports import discovered_ports
from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.neighbours import pod_route, target_of
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class UdpPortDiscovered(CanaryRule):
    id = "udp-port-discovered"
    severity = Severity.WARNING
    summary = "UDP port that portDiscovery publishes as TCP"
    tags = ("services",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:

        target = target_of(canary, rendering)
        if target is None or canary.service.get("portDiscovery") is not True:
            return
        at = (*pod_route(target), "spec", "containers")
        for port in discovered_ports(canary.service, target.get(at)).values():
            route = (*at, port.container, "ports", port.index)
            protocol = target.get((*route, "protocol"), "TCP")
            if protocol not in {"TCP", None}:
                yield Problem(
                    f"portDiscovery publishes {protocol} port {port.number} as TCP: clients of the Services "
                    f"can't reach it; give it a Service of its own with protocol {protocol}",
                    at=route,
                    manifest=target,
                )
