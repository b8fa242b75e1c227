"""A query that may return several series, of which Flagger uses the last, or whose result it can't read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.reading.prometheus_queries import queries_at
from chartgen.rules.reading.promql import result_type
from chartgen.rules.reading.promql_series import labels_of
from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering

_RESULTS = {"scalar": "a scalar", "string": "a string", "matrix": "a range of samples"}


class TemplateQueryNotSingleValue(Rule):
    id = "template-query-not-single-value"
    severity = Severity.WARNING
    summary = "query that doesn't return a single series"
    kinds = ("MetricTemplate", "Canary")
    tags = ("metrics",)

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:
        for query in queries_at(manifest, rendering):
            if query.expression is None:
                continue
            result = _RESULTS.get(result_type(query.expression))
            labels = labels_of(query.expression)
            if result:
                yield Problem(
                    f"the query of {query.owner} returns {result}, from which Flagger can't read a value: every check "
                    "fails",
                    at=query.at,
                    severity=Severity.ERROR,
                )
                return
            if labels.distinguish:
                by = "" if labels.open else f", one for each {' and '.join(sorted(labels.names - labels.pinned))}"
                yield Problem(
                    f"the query of {query.owner} may return several series{by}: Flagger uses only the last; aggregate "
                    "them, for example with sum",
                    at=query.at,
                )
                return
