"""Weights with a provider that doesn't shift traffic."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.strategy import KUBERNETES
from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class KubernetesProviderWithWeights(CanaryRule):
    id = "kubernetes-provider-with-weights"
    severity = Severity.WARNING
    summary = "weights that the kubernetes provider ignores"
    tags = ("strategy", "providers")

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:  # noqa: ARG002
        if canary.provider(self.cluster) == KUBERNETES and canary.iterations < 1 and canary.analyses:
            at = next((name for name in ("stepWeight", "stepWeights") if name in canary.analysis), None)
            yield Problem(
                "provider kubernetes can't shift traffic: Flagger ignores the weights and runs 10 iterations; "
                "set iterations instead",
                at=canary.at(at) if at else canary.at(),
            )
