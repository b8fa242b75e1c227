"""Two Canaries for one workload."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.canary import Canary
from chartgen.rules.reading.neighbours import beside
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering


class DuplicateCanaryTarget(CanaryRule):
    id = "duplicate-canary-target"
    severity = Severity.ERROR
    summary = "two Canaries for one workload"
    tags = ("references",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        for other in beside(canary.manifest, rendering, "Canary"):
            if other is canary.manifest:
                return  # each pair is told once, at the later one
            first = Canary(other)
            if canary.target and (first.target_kind, first.target) == (canary.target_kind, canary.target):
                yield Problem(
                    f"Canary {first.name} manages {canary.target_kind} {canary.target} too: both scale, route and "
                    "promote it against each other",
                    at=("spec", "targetRef", "name"),
                )
