"""`port: internalPort`, as in the Jenkins X recipe: callers of the external port get no answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class JxInternalPort(CanaryRule):
    id = "jx-internal-port"
    severity = Severity.ERROR
    summary = "Canary on internalPort although callers use externalPort"
    tags = ("services", "jenkins-x")

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        service = rendering.values.get("service")
        if not isinstance(service, dict):
            return
        internal, external = service.get("internalPort"), service.get("externalPort")
        if internal and external and internal != external and canary.service.get("port") == internal:
            yield Problem(
                f"service.port is internalPort {internal}, but callers and the Ingress use externalPort {external}: "
                "set port to externalPort and targetPort to internalPort",
                at=("spec", "service", "port"),
            )
