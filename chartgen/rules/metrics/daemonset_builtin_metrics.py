"""Builtin metrics that don't find the canary pods of a DaemonSet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


_BY_POD = ("kubernetes", "gatewayapi", "appmesh")
_DEPLOYMENTS_ONLY = ("linkerd", "osm")


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
        at = (*builtin[0].at, "name")
        if provider.startswith(_BY_POD):
            yield Problem(
                f"with provider {provider}, builtin queries match only the primary pods of a DaemonSet: Flagger judges "
                "the old version",
                at=at,
            )
        elif provider.startswith(_DEPLOYMENTS_ONLY):
            message = f"with provider {provider}, builtin queries find only Deployments: they return no values"
            yield Problem(message, at=at)
