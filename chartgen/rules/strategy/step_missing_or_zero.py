"""No step, or a step of nothing: the analysis starts again at every tick and traffic never moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.reading.canary import Canary, number
from chartgen.rules.reading.verdicts import refusals
from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering


class StepMissingOrZero(Rule):
    id = "step-missing-or-zero"
    severity = Severity.ERROR
    summary = "stepWeight that is missing, zero or negative"
    tags = ("strategy",)

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        canary = Canary(manifest)
        for refusal in refusals(manifest, self.cluster, self.id):
            yield Problem("no stepWeight, stepWeights or iterations: the API server refuses the Canary", at=refusal.at)
        step = number(canary.analysis.get("stepWeight"))
        if step is not None and step <= 0 and canary.iterations <= 0 and not canary.step_weights:
            yield Problem(
                f"stepWeight {step:g} moves no traffic: every tick starts the analysis again, without a word why",
                at=canary.at("stepWeight"),
            )
        for name in ("iterations",):
            count = number(canary.analysis.get(name))
            if count is not None and count <= 0 and not step and not canary.step_weights:
                yield Problem(
                    f"{name} {count:g} is read as none, and there is no stepWeight: traffic never moves",
                    at=canary.at(name),
                )
