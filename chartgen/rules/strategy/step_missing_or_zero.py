"""No step, or a step of zero: Flagger restarts the analysis at every tick and never shifts traffic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.canary import as_mapping
from chartgen.rules.claim import LAST, of_analysis
from chartgen.rules.reading.canary import Canary, number
from chartgen.rules.reading.verdicts import refusals
from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering


def _strategies(manifest: Manifest) -> list[str]:
    analysis = as_mapping(manifest.get(("spec", "analysis")))
    return [name for name in ("iterations", "stepWeight", "stepWeights") if analysis.get(name) is not None]


class StepMissingOrZero(Rule):
    id = "step-missing-or-zero"
    severity = Severity.ERROR
    summary = "stepWeight that is missing, zero or negative"
    tags = ("strategy",)
    refused = of_analysis(lambda manifest: not _strategies(manifest), LAST)

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        canary = Canary(manifest)
        for refusal in refusals(manifest, self.cluster, self.id):
            message = "analysis has no stepWeight, stepWeights or iterations: the API server rejects the Canary"
            yield Problem(message, at=refusal.at)
        step = number(canary.analysis.get("stepWeight"))
        if step is not None and step <= 0 and canary.iterations <= 0 and not canary.step_weights:
            yield Problem(
                f"stepWeight {step:g} doesn't shift traffic: Flagger silently restarts the analysis at every tick",
                at=canary.at("stepWeight"),
            )
        count = number(canary.analysis.get("iterations"))
        if count is not None and count <= 0 and not step and not canary.step_weights:
            yield Problem(
                f"iterations {count:g} counts as missing, and there is no stepWeight: Flagger never shifts traffic",
                at=canary.at("iterations"),
            )
