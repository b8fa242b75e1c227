"""A query of several series: the last one counts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering


_ONE = re.compile(
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
            yield Problem("a scalar result cannot be decoded: each check fails", at=("spec", "query"))
        elif not _ONE.search(query):
            yield Problem(
                f"the query of MetricTemplate {manifest.name} aggregates nothing: of several series the last one "
                "counts",
                at=("spec", "query"),
            )
