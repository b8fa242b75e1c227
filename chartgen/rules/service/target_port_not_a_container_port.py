"""targetPort names a port no container has."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from chartgen.flagger.ports import target_port
from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.canary import number
from chartgen.rules.reading.neighbours import container_ports, target_of
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class TargetPortNotAContainerPort(CanaryRule):
    id = "target-port-not-a-container-port"
    severity = Severity.ERROR
    summary = "targetPort that no container of the target declares"
    tags = ("services",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        target = target_of(canary, rendering)
        if target is None or target.kind == "Service" or canary.service.get("port") is None:
            return
        ports = container_ports(target)
        wanted = target_port(canary.service)
        given = canary.service.get("targetPort") if canary.service.get("targetPort") == wanted else None
        names, numbers = [port.get("name") for port in ports], [port.get("containerPort") for port in ports]
        at = ("spec", "service", "port" if given is None else "targetPort")
        there = ", ".join(f"{port.get('name') or ''} {port.get('containerPort')}".strip() for port in ports) or "none"
        if isinstance(wanted, str) and _port(wanted) is None:
            if wanted not in names:
                yield Problem(f"no container of {target.name} has a port named {wanted} (there is {there})", at=at)
        elif ports and _port(wanted) not in numbers:
            named = "targetPort" if given is not None else "port, which is the targetPort too,"
            yield Problem(
                f"{named} {wanted} is none of the ports {target.name}'s containers declare ({there})",
                at=at,
                severity=None if given is None else Severity.WARNING,
            )


def _port(value: Any) -> float | None:
    """A port as a number, also one in quotes; None for anything else, which is no port of a container."""
    quoted = isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}", value) is not None
    return int(value) if quoted else number(value)
