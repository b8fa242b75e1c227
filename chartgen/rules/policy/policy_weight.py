"""A weight, including overshoot, or a step above the policy's limit."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from chartgen.flagger.strategy import Strategy
from chartgen.rules.policy_rule import PolicyRule
from chartgen.rules.reading.canary import number
from chartgen.rules.rule import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Route
    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary

# canary.go:GetMaxWeight: the default.
_DEFAULT_MAX = 100.0


class PolicyWeight(PolicyRule):
    id = "policy-weight"
    summary = "weight or step above the policy's limit"

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        if canary.strategy(self.cluster) is not Strategy.WEIGHTS or not canary.analyses:
            return
        weights = list(_weights(canary))
        before = 0.0
        for at, weight, step in weights:
            limit = self.policy.max_weight
            if limit is not None and weight > limit >= before:
                message = f"the new version gets {weight:g} % of the traffic, but the policy allows at most {limit:g} %"
                yield Problem(message, at=at)
            before = weight
            most = self.policy.max_step
            if most is not None and step > most:
                message = f"a step adds {step:g} percentage points, but the policy allows at most {most:g}"
                yield Problem(message, at=at)


def _weights(canary: Canary) -> Iterator[tuple[Route, float, float]]:
    """Each weight: its route, its value, and its distance from the previous weight."""
    steps = canary.step_weights
    if steps:
        before = 0.0
        for index, value in enumerate(steps):
            weight = number(value)
            if weight is not None:
                yield canary.at("stepWeights", index), weight, weight - before
                before = weight
        return
    step = number(canary.analysis.get("stepWeight")) or 0
    if step > 0:
        yield canary.at("stepWeight"), step, step
        highest = min(100.0, math.ceil((number(canary.analysis.get("maxWeight")) or _DEFAULT_MAX) / step) * step)
        if highest > step:
            yield canary.at("maxWeight"), highest, 0.0
