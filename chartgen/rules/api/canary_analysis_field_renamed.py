"""canaryAnalysis under v1beta1: the field is called analysis since Flagger 1.0."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.fix import Safety, rename
from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering


class CanaryAnalysisFieldRenamed(Rule):
    id = "canary-analysis-field-renamed"
    severity = Severity.ERROR
    summary = "spec.canaryAnalysis, which Flagger 1.0 renamed to spec.analysis"
    tags = ("api",)
    fixes = (Safety.SAFE,)

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        spec = manifest.get(("spec",), {})
        if manifest.api_version == "flagger.app/v1beta1" and isinstance(spec, dict) and "canaryAnalysis" in spec:
            told = "" if "analysis" in spec else ", and the API server refuses the Canary for having no analysis"
            yield Problem(
                f"canaryAnalysis is called analysis since Flagger 1.0: it is dropped{told}",
                at=("spec", "canaryAnalysis"),
                fix=rename(("spec", "canaryAnalysis"), "analysis") if "analysis" not in spec else None,
            )
