"""Discovered ports that collide with the Service's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.canary import items
from chartgen.rules.reading.neighbours import containers, target_of
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chartgen.manifests.manifest import Manifest, Route
    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


_SIDECARS = ("istio-proxy", "envoy")


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
        wanted = canary.service.get("targetPort", port)
        numbers, names = {port}, {name}
        for at, one in _discovered(target, wanted):
            if one.get("containerPort") in numbers or one.get("name") in names:
                yield Problem(
                    f"port {one.get('name') or ''} {one.get('containerPort')} is discovered and collides with {name} "
                    f"{port} of the Services or another port: the API server refuses them at every tick",
                    at=at,
                    manifest=target,
                )
            numbers.add(one.get("containerPort"))
            names.add(one.get("name"))


def _discovered(target: Manifest, wanted: Any) -> Iterator[tuple[Route, Mapping[str, Any]]]:
    """The ports util.go:getPorts adds: all but the sidecars' and the one that is targetPort, by name or by number."""
    for at, container in containers(target):
        if container.get("name") in _SIDECARS:
            continue
        for index, port in enumerate(items(container.get("ports"))):
            if isinstance(port, dict) and wanted != (
                port.get("name") if isinstance(wanted, str) else port.get("containerPort")
            ):
                yield (*at, "ports", index), port
