"""A metric that isn't builtin and has no query or template: every check of it fails."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from chartgen.flagger.canary import BUILTIN_METRICS
from chartgen.rules.reading.canary import Canary
from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering

# Builtin names in Flagger 0.x, removed in 1.0.
_FORMER = {
    "istio_requests_total": "request-success-rate",
    "istio_request_duration_seconds_bucket": "request-duration",
}


class CustomMetricWithoutSource(Rule):
    id = "custom-metric-without-source"
    severity = Severity.ERROR
    summary = "metric that isn't builtin and has no templateRef or query"
    tags = ("metrics",)

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        canary = Canary(manifest)
        if not canary.analyses:
            return
        for metric in canary.metrics:
            if not metric.has_source:
                yield Problem(
                    f"metric {metric.name!r} isn't builtin and has no templateRef or query: every check fails, and "
                    f"Flagger rolls back every release{_advice(metric.name)}",
                    at=(*metric.at, "name"),
                )


def _advice(name: str) -> str:
    near = _FORMER.get(name) or next(iter(difflib.get_close_matches(name, BUILTIN_METRICS, n=1, cutoff=0.8)), None)
    return f"; did you mean {near}?" if near else ""
