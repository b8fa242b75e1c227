"""Builtin metrics with a Service target, for which Flagger queries Istio."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class ServiceTargetBuiltinMetrics(CanaryRule):
    id = "service-target-builtin-metrics"
    severity = Severity.WARNING
    summary = "builtin metrics of a Service target, which query Istio"
    tags = ("metrics", "providers")

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        provider = canary.provider(self.cluster)
        has_own_queries = provider.startswith(("istio", "appmesh", "gloo", "gatewayapi", "knative"))
        if canary.target_kind == "Service" and not has_own_queries:
            for metric in canary.metrics:
                if metric.is_builtin:
                    yield Problem(
                        f"with a Service target, {metric.name} queries Istio instead of {provider} and returns "
                        "no values",
                        at=(*metric.at, "name"),
                    )
