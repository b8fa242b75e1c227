"""A Canary without a service port: Flagger can't create its Services."""

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
        if not canary.target:
            return  # the API server rejects it, so Flagger never looks for its Services
        if not canary.service:
            yield Problem(
                "spec.service is missing: the port is 0, and Flagger can't create the Services; set service.port",
                at=("spec",),
            )
        elif canary.service.get("port") == 0:
            yield Problem("service.port is 0: Flagger can't create the Services", at=("spec", "service", "port"))
