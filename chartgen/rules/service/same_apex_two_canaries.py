"""Two Canaries with different targets and the same apex Service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.canary import Canary
from chartgen.rules.reading.neighbours import in_same_namespace
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering


class SameApexTwoCanaries(CanaryRule):
    id = "same-apex-two-canaries"
    severity = Severity.ERROR
    summary = "two Canaries that share an apex Service"
    tags = ("services",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        for other in in_same_namespace(canary.manifest, rendering, "Canary"):
            if other is canary.manifest:
                return  # each pair is reported once, at the later Canary
            first = Canary(other)
            if canary.apex and first.apex == canary.apex and first.target != canary.target:
                yield Problem(
                    f"Canary {first.name} also serves its target as {canary.apex}: both change that Service at every "
                    "tick; give each Canary its own service.name",
                    at=("spec", "service", "name"),
                )
