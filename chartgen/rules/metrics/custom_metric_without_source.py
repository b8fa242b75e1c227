"""A metric that isn't builtin and has no query or template: every check of it fails."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from chartgen.flagger.canary import BUILTIN_METRICS
from chartgen.flagger.former import FORMER_METRICS
from chartgen.rules.fix import Safety, set_value
from chartgen.rules.reading.canary import Canary
from chartgen.rules.reading.verdicts import SERVED, is_served
from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering


class CustomMetricWithoutSource(Rule):
    id = "custom-metric-without-source"
    severity = Severity.ERROR
    summary = "metric that isn't builtin and has no templateRef or query"
    tags = ("metrics",)
    fixes = (Safety.SAFE,)

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        canary = Canary(manifest)
        if not canary.analyses:
            return
        for metric in canary.metrics:
            if not metric.has_source:
                former = FORMER_METRICS.get(metric.name)
                effect = "every check fails, and Flagger rolls back every release"
                if not is_served(manifest, self.cluster):
                    effect = f"in {SERVED}, which Flagger serves, {effect}"
                yield Problem(
                    f"metric {metric.name!r} isn't builtin and has no templateRef or query: {effect}"
                    f"{_advice(metric.name)}",
                    at=(*metric.at, "name"),
                    fix=set_value((*metric.at, "name"), former) if former else None,
                )


def _advice(name: str) -> str:
    near = FORMER_METRICS.get(name) or next(
        iter(difflib.get_close_matches(name, BUILTIN_METRICS, n=1, cutoff=0.8)), None
    )
    return f"; did you mean {near}?" if near else ""
