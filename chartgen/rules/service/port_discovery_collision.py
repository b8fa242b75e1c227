"""Discovered ports that collide with the Service's own."""

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


class PortDiscoveryCollision(CanaryRule):
    id = "port-discovery-collision"
    severity = Severity.ERROR
    summary = "discovered port that collides with another port of the Service"
    tags = ("services",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        target = target_of(canary, rendering)
        if target is None or canary.service.get("portDiscovery") is not True:
            return
        port, name = canary.service.get("port"), canary.service.get("portName") or "http"
        numbers = {port}
        at = (*pod_route(target), "spec", "containers")
        for service_name, found in discovered_ports(canary.service, target.get(at)).items():
            if found.number in numbers or service_name == name:
                yield Problem(
                    f"port {found.name} {found.number} is discovered and collides with {name} "
                    f"{port} of the Services or another port: the API server refuses them at every tick",
                    at=(*at, found.container, "ports", found.index),
                    manifest=target,
                )
            numbers.add(found.number)
