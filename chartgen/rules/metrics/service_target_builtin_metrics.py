"""Builtin metrics of a Service target ask Istio."""

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
        own = provider.startswith(("istio", "appmesh", "gloo", "gatewayapi", "knative"))
        if canary.target_kind == "Service" and not own:
            for metric in canary.metrics:
                if metric.is_builtin:
                    yield Problem(
                        f"for a Service target {metric.name} asks Istio's metrics, not those of {provider}",
                        at=(*metric.at, "name"),
                    )
