"""skipAnalysis without an analysis, which the API server requires anyway."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.claim import of_analysis
from chartgen.rules.reading.verdicts import refusals
from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering


class SkipAnalysisNeedsAnalysisBlock(Rule):
    id = "skip-analysis-needs-analysis-block"
    severity = Severity.ERROR
    summary = "skipAnalysis without the required spec.analysis"
    tags = ("strategy", "api")
    refused = of_analysis(
        lambda manifest: manifest.get(("spec", "analysis")) is None and manifest.get(("spec", "skipAnalysis")) is True
    )

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        for _ in refusals(manifest, self.cluster, self.id):
            yield Problem(
                "spec.analysis is required even with skipAnalysis: the API server rejects the Canary",
                at=("spec", "skipAnalysis"),
            )
