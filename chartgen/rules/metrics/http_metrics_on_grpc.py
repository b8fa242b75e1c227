"""Builtin metrics on a port that isn't HTTP: a failed gRPC call answers 200, and TCP has no requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.protocols import unmeasured
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class HttpMetricsOnGrpc(CanaryRule):
    id = "http-metrics-on-grpc"
    severity = Severity.WARNING
    summary = "builtin HTTP metrics on a gRPC, TLS or TCP port"
    tags = ("metrics", "providers")

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002

        provider = canary.provider(self.cluster)
        protocol = str(canary.service.get("appProtocol") or canary.service.get("portName") or "")
        if not canary.analyses:
            return
        for metric in canary.metrics:
            if not metric.is_builtin or metric.template is not None or metric.body.get("query"):
                continue
            reason = unmeasured(metric.name, protocol, provider)
            if reason == "grpc":
                yield Problem(
                    f"{metric.name} counts HTTP status 5xx, but a failed gRPC call answers HTTP 200: the check passes "
                    "whatever the canary does; check the gRPC status with a MetricTemplate",
                    at=(*metric.at, "name"),
                )
            elif reason == "tcp":
                yield Problem(
                    f"{metric.name} counts HTTP requests, but port {protocol} isn't HTTP for the mesh: the query may "
                    "return no values, which fails every check; use a MetricTemplate with TCP metrics",
                    at=(*metric.at, "name"),
                )
