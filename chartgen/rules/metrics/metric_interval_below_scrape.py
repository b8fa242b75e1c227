"""A metric interval too short for two samples: the query returns no values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.go_durations import duration_seconds
from chartgen.rules.reading.canary import Canary
from chartgen.rules.reading.durations import as_text
from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering

_SAMPLES = 2


class MetricIntervalBelowScrape(Rule):
    id = "metric-interval-below-scrape"
    severity = Severity.WARNING
    summary = "metric window shorter than two scrapes"
    tags = ("metrics",)

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        needed = _SAMPLES * self.cluster.scrape_seconds
        for metric in Canary(manifest).metrics:
            window = duration_seconds(metric.body.get("interval"))
            if window is not None and window < needed:
                yield Problem(
                    f"interval {as_text(window)} of metric {metric.name} is shorter than two scrapes (one every "
                    f"{as_text(self.cluster.scrape_seconds)}): the query returns no values, and every check fails",
                    at=(*metric.at, "interval"),
                )
