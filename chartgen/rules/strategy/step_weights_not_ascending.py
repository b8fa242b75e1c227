"""Step weights must increase: Flagger hangs at a step that doesn't, or ends the run early."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from chartgen.rules.reading.canary import Canary, number
from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering


class StepWeightsNotAscending(Rule):
    id = "step-weights-not-ascending"
    severity = Severity.ERROR
    summary = "stepWeights that don't increase"
    tags = ("strategy",)

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        canary = Canary(manifest)
        weights = [number(weight) for weight in canary.step_weights]
        if weights and weights[0] is not None and weights[0] <= 0:
            yield Problem(
                f"stepWeights starts with {weights[0]:g}, which sends no traffic: the run never gets past it",
                at=canary.at("stepWeights", 0),
            )
        for index, (low, high) in enumerate(pairwise(weights), start=1):
            if low is not None and high is not None and high <= low:
                yield Problem(
                    f"stepWeights doesn't increase from {low:g} to {high:g}: the run hangs or ends early",
                    at=canary.at("stepWeights", index),
                )
