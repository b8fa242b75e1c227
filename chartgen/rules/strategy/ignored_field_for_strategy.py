"""Settings that have no effect with the Canary's strategy or provider."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.strategy import Strategy
from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.fix import DeleteKey, Fix, Safety
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class IgnoredFieldForStrategy(CanaryRule):
    id = "ignored-field-for-strategy"
    severity = Severity.INFO
    summary = "setting that has no effect with the chosen strategy"
    tags = ("strategy",)
    fixes = (Safety.UNSAFE,)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        for name, reason in self._ignored(canary):
            if canary.analysis.get(name) is not None:
                fix = Fix(f"remove {name}", (DeleteKey(canary.at(name)),), Safety.UNSAFE)
                yield Problem(f"Flagger ignores {name} {reason}", at=canary.at(name), fix=fix)

    def _ignored(self, canary: Canary) -> Iterator[tuple[str, str]]:
        if canary.strategy(self.cluster) is not Strategy.WEIGHTS:
            yield "maxWeight", "with iterations"
        elif canary.step_weights:
            yield "maxWeight", "with stepWeights: the last weight is the maximum"
        if canary.provider(self.cluster) == "kubernetes":
            yield "stepWeightPromotion", "with provider kubernetes"
        if not canary.mirrors:
            yield "mirrorWeight", "without mirror"
