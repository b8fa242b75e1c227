"""More than one strategy in an analysis, which the API server rejects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.reading.canary import Canary
from chartgen.rules.reading.verdicts import refusals
from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering

_STRATEGIES = ("iterations", "stepWeights", "stepWeight")


class StrategyAmbiguous(Rule):
    id = "strategy-ambiguous"
    severity = Severity.ERROR
    summary = "more than one of iterations, stepWeight and stepWeights"
    tags = ("strategy", "api")

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        canary = Canary(manifest)
        for _ in refusals(manifest, self.cluster, self.id):
            given = [name for name in _STRATEGIES if canary.analysis.get(name) is not None]
            yield Problem(
                f"{' and '.join(given)} exclude each other: the API server rejects the Canary; keep one of them",
                at=canary.at(given[0]),
            )
