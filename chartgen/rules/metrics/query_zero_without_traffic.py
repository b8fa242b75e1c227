"""A query that returns a number without any sample, which the metric's limits accept."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.prometheus_queries import queries_of_canary
from chartgen.rules.reading.promql_empty import value_without_samples
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary, LocatedMetric


class QueryZeroWithoutTraffic(CanaryRule):
    id = "query-zero-without-traffic"
    severity = Severity.INFO
    summary = "query that passes its check without traffic"
    tags = ("metrics",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        passing = {}
        for query in queries_of_canary(canary, rendering):
            value = value_without_samples(query.expression) if query.expression is not None else None
            if query.metric and value is not None and _accepts(query.metric, value):
                passing[query.metric.at] = query, value
        # Another check that needs samples protects the analysis, and one that isn't rendered here may.
        alone = len(passing) == len(list(canary.metrics))
        for query, value in passing.values():
            yield Problem(
                f"the query of metric {query.metric.name if query.metric else ''} falls back to {value:g} without "
                "samples, for example by or vector(0), and the limits accept that: the check passes without any "
                f"traffic{', as every other check does' if alone and len(passing) > 1 else ''}; check that there are "
                "requests with another metric",
                at=query.at,
                manifest=query.manifest,
                severity=Severity.WARNING if alone else None,
            )


def _accepts(metric: LocatedMetric, value: float) -> bool:
    """Whether a check of the metric passes with a value; NaN counts as none (prometheus.go:RunQuery)."""
    fields = metric.fields
    if math.isnan(value):
        return False
    if not fields.ranged:
        return value <= fields.threshold
    return (fields.minimum is None or value >= fields.minimum) and (fields.maximum is None or value <= fields.maximum)
