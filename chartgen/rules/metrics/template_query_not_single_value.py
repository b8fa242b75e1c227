"""A query that may return several series, of which Flagger uses the last, or that returns a scalar."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering


_AGGREGATION = re.compile(
    r"\b(sum|avg|min|max|count|histogram_quantile|quantile|topk|scalar|vector|absent|group|stddev|stdvar)\b"
)


class TemplateQueryNotSingleValue(Rule):
    id = "template-query-not-single-value"
    severity = Severity.WARNING
    summary = "query that doesn't return a single series"
    kinds = ("MetricTemplate",)
    tags = ("metrics",)

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        query = str(manifest.get(("spec", "query")) or "")
        if manifest.get(("spec", "provider", "type")) != "prometheus" or not query.strip():
            return
        if query.strip().startswith("scalar("):
            yield Problem(
                f"the query of MetricTemplate {manifest.name} returns a scalar, which Flagger can't decode: every "
                "check fails",
                at=("spec", "query"),
            )
        elif not _AGGREGATION.search(query):
            yield Problem(
                f"the query of MetricTemplate {manifest.name} doesn't aggregate: of several series, Flagger uses only "
                "the last",
                at=("spec", "query"),
            )
