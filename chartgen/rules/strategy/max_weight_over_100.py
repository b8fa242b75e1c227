"""A maxWeight above 100, which the weight never reaches, or a step above 100."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.strategy import Strategy
from chartgen.rules.fix import Safety, set_value
from chartgen.rules.reading.canary import Canary, number
from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering

_ALL = 100


class MaxWeightOver100(Rule):
    id = "max-weight-over-100"
    severity = Severity.ERROR
    summary = "maxWeight or step above 100"
    tags = ("strategy",)
    fixes = (Safety.SAFE, Safety.UNSAFE)

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        canary = Canary(manifest)
        most = number(canary.analysis.get("maxWeight"))
        by_weight = canary.strategy(self.cluster) is Strategy.WEIGHTS and not canary.step_weights
        if by_weight and most is not None and most > _ALL:
            yield Problem(
                f"maxWeight {most:g} is above 100: the weight stops at 100, and Flagger never promotes the new version",
                at=canary.at("maxWeight"),
                fix=set_value(canary.at("maxWeight"), _ALL, Safety.UNSAFE),
            )
        excessive = [index for index, weight in enumerate(canary.step_weights) if (number(weight) or 0) > _ALL]
        if excessive:
            at = canary.at("stepWeights", excessive[0])
            yield Problem(
                f"step {canary.step_weights[excessive[0]]:g} in stepWeights is above 100: Flagger cuts it to 100, and "
                "all users get the new version",
                at=at,
                severity=Severity.WARNING,
                fix=set_value(at, _ALL),
            )
