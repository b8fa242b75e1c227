"""A port named http although the container's port is named for another protocol."""

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
        port_name = str(canary.service.get("portName") or "http")
        is_http1 = port_name.startswith("http") and port_name != "http2"
        if target is None or canary.service.get("appProtocol") or not is_http1:
            return
        effective_port = target_port(canary.service)
        for port in container_ports(target):
            name = str(port.get("name") or "")
            is_target = effective_port in (port.get("containerPort"), name)
            if is_target and re.match(r"grpc|http2|tcp|mongo|mysql|redis", name):
                yield Problem(
                    f"the container's port is named {name}, but portName is {port_name}: meshes may treat it as "
                    f"HTTP/1; set portName: {name}",
                    at=("spec", "service", "portName" if "portName" in canary.service else "port"),
                    fix=set_value(("spec", "service", "portName"), name, Safety.UNSAFE),
                )
