"""An analysis without interval or threshold, which the API server rejects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.canary import as_mapping
from chartgen.rules.claim import LATER, of_analysis
from chartgen.rules.reading.canary import Canary
from chartgen.rules.reading.verdicts import refusals
from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering


def _missing(manifest: Manifest) -> list[str]:
    analysis = as_mapping(manifest.get(("spec", "analysis")))
    return [name for name in ("interval", "threshold") if analysis.get(name) is None]


class IntervalOrThresholdMissing(Rule):
    id = "interval-or-threshold-missing"
    severity = Severity.ERROR
    summary = "analysis without interval or threshold"
    tags = ("schedule", "api")
    refused = of_analysis(lambda manifest: bool(_missing(manifest)), LATER)

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        canary = Canary(manifest)
        for refusal in refusals(manifest, self.cluster, self.id):
            missing = _missing(manifest)
            fault = f"analysis has no {' and no '.join(missing)}" if canary.analysis else "spec.analysis is missing"
            yield Problem(f"{fault}: the API server rejects the Canary", at=refusal.at)
