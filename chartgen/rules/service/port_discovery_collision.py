"""A port that portDiscovery adds although its name or number is already in use."""

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
        numbers = [port]
        at = (*pod_route(target), "spec", "containers")
        for port_name, discovered in discovered_ports(canary.service, target.get(at)).items():
            if discovered.number in numbers or port_name == name:
                label = f"{discovered.name} {discovered.number}".strip()
                yield Problem(
                    f"portDiscovery adds container port {label}, but {name} {port} or another port already uses its "
                    "name or number: the API server rejects the Services at every tick",
                    at=(*at, discovered.container, "ports", discovered.index),
                    manifest=target,
                )
            numbers.append(discovered.number)
