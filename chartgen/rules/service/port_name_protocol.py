"""A gRPC app behind a port called http."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chartgen.flagger.ports import target_port
from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.fix import Safety, set_value
from chartgen.rules.reading.neighbours import container_ports, target_of
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class PortNameProtocol(CanaryRule):
    id = "port-name-protocol"
    severity = Severity.WARNING
    summary = "port name that makes the mesh assume the wrong protocol"
    tags = ("services",)
    fixes = (Safety.UNSAFE,)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        target = target_of(canary, rendering)
        named = str(canary.service.get("portName") or "http")
        if target is None or canary.service.get("appProtocol") or not named.startswith("http") or named == "http2":
            return
        wanted = target_port(canary.service)
        for port in container_ports(target):
            name = str(port.get("name") or "")
            if wanted in (port.get("containerPort"), name) and re.match(r"grpc|http2|tcp|mongo|mysql|redis", name):
                yield Problem(
                    f"the container's port is called {name}, the Services' {named}: the mesh treats it as HTTP/1; set "
                    f"portName: {name}",
                    at=("spec", "service", "portName" if "portName" in canary.service else "port"),
                    fix=set_value(("spec", "service", "portName"), name, Safety.UNSAFE),
                )
