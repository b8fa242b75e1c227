"""Builtin metrics with a provider for which Flagger queries the application's own metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.providers import observer_of
from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class BuiltinMetricsOnL4Provider(CanaryRule):
    id = "builtin-metrics-on-l4-provider"
    severity = Severity.WARNING
    summary = "builtin metrics that query the application's own metrics"
    tags = ("metrics", "providers")

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        provider = canary.provider(self.cluster)
        if not observer_of(provider).seconds or not canary.analyses:
            return
        for metric in canary.metrics:
            if metric.is_builtin and metric.template is None and not metric.body.get("query"):
                yield Problem(
                    f"with provider {provider}, {metric.name} queries the application's http_request_duration_seconds "
                    "by kubernetes_namespace and kubernetes_pod_name: if it's missing, every check fails",
                    at=(*metric.at, "name"),
                )
                return
