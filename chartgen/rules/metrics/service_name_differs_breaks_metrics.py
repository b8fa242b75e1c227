"""Builtin queries that use the target's name, with routes that use the Service's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.providers import Selects, observer_of
from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class ServiceNameDiffersBreaksMetrics(CanaryRule):
    id = "service-name-differs-breaks-metrics"
    severity = Severity.WARNING
    summary = "builtin metrics that query the target's name instead of the Service's"
    tags = ("metrics", "providers")

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        provider = canary.provider(self.cluster)
        if (
            observer_of(provider).selects is not Selects.CANARY_OF_TARGET
            or canary.apex == canary.target
            or not canary.analyses
        ):
            return
        if any(metric.is_builtin for metric in canary.metrics):
            yield Problem(
                f"with provider {provider}, builtin queries use the target's name {canary.target}, but the routes are "
                f"named {canary.apex}: the queries return no values, and every check fails",
                at=("spec", "service", "name"),
            )
