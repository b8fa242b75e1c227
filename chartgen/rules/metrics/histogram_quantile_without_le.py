"""histogram_quantile over an aggregation that drops the label le: it has no value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.rules.reading.prometheus_queries import queries_at
from chartgen.rules.reading.promql import all_of, name_of
from chartgen.rules.reading.promql_series import labels_of
from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering


class HistogramQuantileWithoutLe(Rule):
    id = "histogram-quantile-without-le"
    severity = Severity.ERROR
    summary = "histogram_quantile over an aggregation without le"
    kinds = ("MetricTemplate", "Canary")
    tags = ("metrics",)

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:
        for query in queries_at(manifest, rendering):
            if any(_loses_le(call) for call in all_of(query.expression)):
                yield Problem(
                    f"the query of {query.owner} aggregates the buckets for histogram_quantile without the label le: "
                    "it has no value, and every check fails; write sum(rate(…)) by (le)",
                    at=query.at,
                )
                return


def _loses_le(expression: Any) -> bool:
    if name_of(expression) != "Call" or expression.func.name != "histogram_quantile":
        return False
    buckets = expression.args[1]
    selectors = [each for each in all_of(buckets) if name_of(each) == "VectorSelector"]
    # A native histogram has no le, and its metric no suffix _bucket.
    classic = bool(selectors) and all((each.name or "").endswith("_bucket") for each in selectors)
    return classic and not labels_of(buckets).has("le")
