"""A stepWeight above maxWeight: the first step alone exceeds the maximum."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.fix import Safety, set_value
from chartgen.rules.reading.canary import Canary, number
from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering


class StepWeightAboveMax(Rule):
    id = "step-weight-above-max"
    severity = Severity.ERROR
    summary = "stepWeight above maxWeight"
    tags = ("strategy",)
    fixes = (Safety.UNSAFE,)

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        canary = Canary(manifest)
        step, most = number(canary.analysis.get("stepWeight")), number(canary.analysis.get("maxWeight"))
        if step is not None and most is not None and step > most > 0 and not canary.step_weights:
            first = min(100, step)
            yield Problem(
                f"stepWeight {step:g} is above maxWeight {most:g}: the first step sends {first:g} % of the traffic to "
                "the new version",
                at=canary.at("stepWeight"),
                fix=set_value(canary.at("stepWeight"), most, Safety.UNSAFE),
            )
