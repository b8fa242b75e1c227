"""histogram_quantile without an aggregation by le: no value, or one for each series."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering

_QUANTILE = re.compile(r"^\s*\(*\s*histogram_quantile\s*\(", re.IGNORECASE)
_AGGREGATES = re.compile(r"\b(?:sum|avg|min|max)\b\s*(?:\(|by\b|without\b)", re.IGNORECASE)
_KEEPS_LE = re.compile(r"\bby\s*\([^)]*\ble\b[^)]*\)|\bwithout\s*\(", re.IGNORECASE)


class HistogramQuantileWithoutLe(Rule):
    id = "histogram-quantile-without-le"
    severity = Severity.WARNING
    summary = "histogram_quantile without an aggregation by le"
    kinds = ("MetricTemplate",)
    tags = ("metrics",)

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        query = manifest.get(("spec", "query"))
        if manifest.get(("spec", "provider", "type")) != "prometheus" or not isinstance(query, str):
            return
        if not _QUANTILE.search(query) or _KEEPS_LE.search(query):
            return
        # A native histogram has no le; its metric has no suffix _bucket.
        if "_bucket" not in query:
            return
        if _AGGREGATES.search(query):
            effect = "the aggregation drops the label le, so the query has no value and every check fails"
        else:
            effect = "the query returns one value for each series, of which Flagger uses only the last"
        yield Problem(
            f"histogram_quantile of MetricTemplate {manifest.name} isn't aggregated by le: {effect}; write "
            "sum(rate(…)) by (le)",
            at=("spec", "query"),
        )
