"""A query that Go's text/template can't render: every check of its metric fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.query_templates import fault_of
from chartgen.rules.reading.canary import Canary
from chartgen.rules.reading.prometheus_queries import rendered_of
from chartgen.rules.reading.queries import query_of
from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering


class QueryNotRenderable(Rule):
    id = "query-not-renderable"
    severity = Severity.ERROR
    summary = "query that Flagger can't render"
    kinds = ("MetricTemplate", "Canary")
    tags = ("metrics",)

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:
        if manifest.kind == "Canary":
            yield from _of_canary(Canary(manifest), rendering)
            return
        query = manifest.get(("spec", "query"))
        fault = fault_of(query) if isinstance(query, str) else None
        if fault:
            yield Problem(
                f"Flagger can't render the query of MetricTemplate {manifest.name}: {fault}; every check fails",
                at=("spec", "query"),
            )


def _of_canary(canary: Canary, rendering: Rendering) -> Iterator[Problem]:
    """What depends on the metric: a query that it holds itself, and the variables that it sets."""
    for metric in canary.metrics if canary.analyses else ():
        query = query_of(metric, canary, rendering)
        if query is None:
            continue
        fault = fault_of(query.text)
        if fault:
            if query.manifest is None:
                yield Problem(
                    f"Flagger can't render the query of metric {metric.name}: {fault}; every check fails", at=query.at
                )
            continue
        rendered = rendered_of(query, metric, canary, rendering)
        if rendered.missing:
            yield Problem(
                f"metric {metric.name} has no templateVariables.{rendered.missing}, which its query reads: Flagger "
                "can't render the query, and every check fails",
                at=(*metric.at, "name"),
            )
        elif rendered.fault:
            yield Problem(
                f"Flagger can't render the query of metric {metric.name}: {rendered.fault}; every check fails",
                at=(*metric.at, "name"),
            )
