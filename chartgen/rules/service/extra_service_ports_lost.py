"""Ports of the chart's Service that the apex Service doesn't have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.flagger.canary import as_list, as_mapping
from chartgen.flagger.ports import discovered_ports
from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.neighbours import pod_route, ports_of, target_of
from chartgen.rules.reading.without_canary import front_services, without_canary
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class ExtraServicePortsLost(CanaryRule):
    id = "extra-service-ports-lost"
    severity = Severity.ERROR
    summary = "Service ports that disappear when the canary is switched on"
    tags = ("services",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        canary_off, target = without_canary(canary, rendering), target_of(canary, rendering)
        if canary_off is None or target is None or canary.target_kind == "Service":
            return
        kept = {canary.service.get("port")}
        containers = target.get((*pod_route(target), "spec", "containers"))
        if canary.service.get("portDiscovery") is True:
            kept |= {port.number for port in discovered_ports(canary.service, containers).values()}
        for service in front_services(canary, rendering, canary_off):
            protocols = {port.get("port"): port.get("protocol") or "TCP" for _, port in ports_of(service)}
            ports = list(protocols)
            lost = [port for port in ports if port not in kept]
            if service.name == canary.apex and canary.service.get("port") in ports and lost:
                discovers = canary.service.get("portDiscovery") is True
                kept_ports = "service.port and the discovered ports" if discovers else "service.port"
                only_tcp = all(protocols[port] == "TCP" for port in lost) and not _has_udp(containers)
                advice = "set portDiscovery: true, or " if only_tcp and not discovers else ""
                yield Problem(
                    f"Service {service.name} loses port{'s' if len(lost) > 1 else ''} {', '.join(map(str, lost))} "
                    f"while the canary is on, because Flagger keeps only {kept_ports}: {advice}add another Service",
                    at=("spec", "service", "port"),
                )


def _has_udp(containers: Any) -> bool:
    """Whether a container declares a UDP port, which portDiscovery may publish as TCP."""
    ports = (port for container in as_list(containers) for port in as_list(as_mapping(container).get("ports")))
    return any(as_mapping(port).get("protocol") == "UDP" for port in ports)
