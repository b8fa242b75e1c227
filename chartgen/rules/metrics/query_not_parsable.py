"""A query that can't be asked: no PromQL that Prometheus knows, or no list of MetricDataQueries for CloudWatch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.reading.cloudwatch import fault_of_query
from chartgen.rules.reading.prometheus_queries import queries_at, texts_of_template
from chartgen.rules.reading.promql import MOST_OPERATIONS
from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering


class QueryNotParsable(Rule):
    id = "query-not-parsable"
    severity = Severity.ERROR
    summary = "query that Prometheus or CloudWatch can't read"
    kinds = ("MetricTemplate", "Canary")
    tags = ("metrics",)

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:
        yield from _for_cloudwatch(manifest, rendering)
        for query in queries_at(manifest, rendering):
            if query.parsed.too_large:
                yield Problem(
                    f"chartgen doesn't parse the query of {query.owner}: it has more than {MOST_OPERATIONS} "
                    "operations, or is longer than 32 KiB",
                    at=query.at,
                    severity=Severity.INFO,
                )
                return
            if query.parsed.error and _is_query(query.text):
                yield Problem(
                    f"Prometheus can't parse the query of {query.owner}: {query.parsed.error}; every check fails",
                    at=query.at,
                )
                return


def _for_cloudwatch(template: Manifest, rendering: Rendering) -> Iterator[Problem]:
    """What the SDK refuses of a MetricTemplate's query, as the metrics of the release render it."""
    if template.get(("spec", "provider", "type")) != "cloudwatch":
        return
    for text in texts_of_template(template, rendering):
        fault = fault_of_query(text)
        if fault:
            yield Problem(
                f"Flagger can't send the query of MetricTemplate {template.name} to CloudWatch: {fault}; every check "
                "fails",
                at=("spec", "query"),
            )
            return


def _is_query(text: str) -> bool:
    """Whether it is more than a comment, which query-empty reports."""
    return not text.strip().startswith("#")
