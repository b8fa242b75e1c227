"""Two Canaries for one workload."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.canary import Canary
from chartgen.rules.reading.neighbours import in_same_namespace
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
        for other in in_same_namespace(canary.manifest, rendering, "Canary"):
            if other is canary.manifest:
                return  # each pair is reported once, at the later Canary
            first = Canary(other)
            if canary.target and (first.target_kind, first.target) == (canary.target_kind, canary.target):
                yield Problem(
                    f"Canary {first.name} also targets {canary.target_kind} {canary.target}: both scale, promote and "
                    "route it; keep one Canary per workload",
                    at=("spec", "targetRef", "name"),
                )
