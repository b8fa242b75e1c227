"""canaryAnalysis in a v1beta1 Canary: Flagger 1.0 renamed the field to analysis."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.canary import as_mapping
from chartgen.rules.claim import FIRST, Claim
from chartgen.rules.fix import Safety, rename
from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering

# Where the API server misses the analysis.
_REFUSED = (("spec",), ("spec", "analysis"))


def _is_renamed(manifest: Manifest) -> bool:
    """`canaryAnalysis` where Flagger 1 wants `analysis`."""
    spec = as_mapping(manifest.get(("spec",)))
    return "canaryAnalysis" in spec and "analysis" not in spec


class CanaryAnalysisFieldRenamed(Rule):
    id = "canary-analysis-field-renamed"
    severity = Severity.ERROR
    summary = "spec.canaryAnalysis, which Flagger 1.0 renamed to spec.analysis"
    tags = ("api",)
    refused = Claim(lambda manifest, at, _message: at in _REFUSED and _is_renamed(manifest), FIRST)
    dropped = Claim(lambda manifest, at, _message: at == ("spec", "canaryAnalysis") and _is_renamed(manifest), FIRST)
    fixes = (Safety.SAFE,)

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        spec = manifest.get(("spec",), {})
        if manifest.api_version == "flagger.app/v1beta1" and isinstance(spec, dict) and "canaryAnalysis" in spec:
            effect = "drops it" if "analysis" in spec else "rejects the Canary because it has no analysis"
            yield Problem(
                f"Flagger 1.0 renamed canaryAnalysis to analysis: the API server {effect}",
                at=("spec", "canaryAnalysis"),
                fix=rename(("spec", "canaryAnalysis"), "analysis") if "analysis" not in spec else None,
            )
