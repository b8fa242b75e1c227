"""A targetPort that no container of the target declares."""

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
        effective_port = target_port(canary.service)
        is_explicit = canary.service.get("targetPort") == effective_port
        names, numbers = [port.get("name") for port in ports], [port.get("containerPort") for port in ports]
        field = "targetPort" if is_explicit else "port"
        at = ("spec", "service", field)
        labels = [f"{port.get('name') or ''} {port.get('containerPort')}".strip() for port in ports]
        declared = ", ".join(labels) or "none"
        if isinstance(effective_port, str) and _port(effective_port) is None:
            if effective_port not in names:
                yield Problem(
                    f"no container of {target.name} declares a port named {effective_port} (declared: {declared}): "
                    "traffic fails",
                    at=at,
                )
        elif ports and _port(effective_port) not in numbers:
            advice = "" if is_explicit else "; set targetPort"
            yield Problem(
                f"no container of {target.name} declares {field} {effective_port} (declared: {declared}): traffic may "
                f"fail{advice}",
                at=at,
                severity=Severity.WARNING if is_explicit else None,
            )


def _port(value: Any) -> float | None:
    """A port as a number, even if it is quoted; None for anything else."""
    quoted = isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}", value) is not None
    return int(value) if quoted else number(value)
