"""A Canary without a service: Flagger fails at creating its Services."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class ServiceMissingOrPortZero(CanaryRule):
    id = "service-missing-or-port-zero"
    severity = Severity.ERROR
    summary = "Canary without a service port"
    tags = ("services",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        if canary.target_kind == "Service" or canary.field("provider") == "knative":
            return
        if not canary.service:
            yield Problem(
                "there is no spec.service: the port is 0 and creating the Services fails at each tick", at=("spec",)
            )
        elif canary.service.get("port") == 0:
            yield Problem("port 0 is none: creating the Services fails at each tick", at=("spec", "service", "port"))
