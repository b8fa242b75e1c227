"""A metric interval too short for two samples: the query returns no values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.flagger.go_durations import duration_seconds
from chartgen.rules.reading.canary import Canary
from chartgen.rules.reading.durations import as_text
from chartgen.rules.reading.prometheus_queries import queries_of_canary
from chartgen.rules.reading.promql import all_of, name_of
from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering

_SAMPLES = 2
_TWO_SAMPLES = ("rate", "increase", "irate", "idelta", "delta", "deriv", "predict_linear")


class MetricIntervalBelowScrape(Rule):
    id = "metric-interval-below-scrape"
    severity = Severity.WARNING
    summary = "metric window shorter than two scrapes"
    tags = ("metrics",)

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:
        needed = _SAMPLES * self.cluster.scrape_seconds
        canary = Canary(manifest)
        for metric in canary.metrics:
            window = duration_seconds(metric.body.get("interval"))
            if window is not None and window < needed:
                yield Problem(
                    f"interval {as_text(window)} of metric {metric.name} is shorter than two scrapes (one every "
                    f"{as_text(self.cluster.scrape_seconds)}): the query may return no values, which fails the check",
                    at=(*metric.at, "interval"),
                )
        for query in queries_of_canary(canary, rendering):
            window = min(_windows(query.expression), default=needed) if query.expression is not None else needed
            written = duration_seconds(query.metric.body.get("interval")) if query.metric else None
            if window < needed and window != written:
                yield Problem(
                    f"the range of {as_text(window)} in the query of {query.owner} is shorter than two scrapes (one "
                    f"every {as_text(self.cluster.scrape_seconds)}): the query may return no values, which fails "
                    "the check",
                    at=query.at,
                    manifest=query.manifest,
                )


def _windows(expression: Any) -> Iterator[float]:
    """The ranges, in seconds, that need two samples."""
    for call in all_of(expression):
        if name_of(call) == "Call" and call.func.name in _TWO_SAMPLES:
            yield from (each.range.total_seconds() for each in call.args if name_of(each) == "MatrixSelector")
