"""Builtin metrics that don't find the canary pods of a DaemonSet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.providers import Selects, observer_of
from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class DaemonsetBuiltinMetrics(CanaryRule):
    id = "daemonset-builtin-metrics"
    severity = Severity.WARNING
    summary = "builtin metrics that don't find a DaemonSet's canary pods"
    tags = ("metrics", "providers")

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        provider = canary.provider(self.cluster)
        builtin = [metric for metric in canary.metrics if metric.is_builtin]
        if canary.target_kind != "DaemonSet" or not builtin:
            return
        at, selects = (*builtin[0].at, "name"), observer_of(provider).selects
        if selects is Selects.PODS:
            yield Problem(
                f"with provider {provider}, builtin queries match only the primary pods of a DaemonSet: Flagger judges "
                "the old version",
                at=at,
            )
        elif selects is Selects.DEPLOYMENT:
            message = f"with provider {provider}, builtin queries find only Deployments: they return no values"
            yield Problem(message, at=at)
