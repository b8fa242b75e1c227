"""A query that Go's text/template can't render: every check of its metric fails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.canary import as_mapping
from chartgen.flagger.query_templates import fault_of, missing_variable
from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.queries import query_of
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class QueryNotRenderable(CanaryRule):
    id = "query-not-renderable"
    severity = Severity.ERROR
    summary = "query that Flagger can't render"
    tags = ("metrics",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:

        for metric in canary.metrics if canary.analyses else ():
            query = query_of(metric, canary, rendering)
            if query is None:
                continue
            fault = fault_of(query.text)
            missing = missing_variable(query.text, as_mapping(metric.body.get("templateVariables")))
            if fault:
                yield Problem(
                    f"Flagger can't render the query of metric {metric.name}: {fault}; every check fails",
                    at=query.at,
                    manifest=query.manifest,
                )
            elif missing:
                yield Problem(
                    f"metric {metric.name} has no templateVariables.{missing}, which its query reads: Flagger can't "
                    "render the query, and every check fails",
                    at=(*metric.at, "name"),
                )
