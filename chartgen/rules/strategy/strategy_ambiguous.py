"""More than one strategy in an analysis, which the API server rejects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.canary import as_mapping
from chartgen.rules.claim import of_analysis
from chartgen.rules.reading.canary import Canary
from chartgen.rules.reading.verdicts import refusals
from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering

_STRATEGIES = ("iterations", "stepWeights", "stepWeight")


def _given(manifest: Manifest) -> list[str]:
    analysis = as_mapping(manifest.get(("spec", "analysis")))
    return [name for name in _STRATEGIES if analysis.get(name) is not None]


class StrategyAmbiguous(Rule):
    id = "strategy-ambiguous"
    severity = Severity.ERROR
    summary = "more than one of iterations, stepWeight and stepWeights"
    tags = ("strategy", "api")
    refused = of_analysis(lambda manifest: len(_given(manifest)) > 1)

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        canary = Canary(manifest)
        for _ in refusals(manifest, self.cluster, self.id):
            given = _given(manifest)
            yield Problem(
                f"{' and '.join(given)} exclude each other: the API server rejects the Canary; keep one of them",
                at=canary.at(given[0]),
            )
