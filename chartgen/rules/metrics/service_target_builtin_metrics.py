"""Builtin metrics with a Service target, for which Flagger queries Istio."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.providers import ISTIO_OBSERVER, observer_of
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
        asks_istio = observer_of(f"{provider}:service") is ISTIO_OBSERVER
        if canary.target_kind == "Service" and asks_istio and provider not in {"istio", "knative"}:
            for metric in canary.metrics:
                if metric.is_builtin:
                    yield Problem(
                        f"with a Service target, {metric.name} queries Istio instead of {provider} and returns "
                        "no values",
                        at=(*metric.at, "name"),
                    )
