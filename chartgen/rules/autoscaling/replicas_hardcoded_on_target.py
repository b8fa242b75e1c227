"""A chart that renders `replicas` of the target, which Flagger scales."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.canary import number
from chartgen.rules.reading.neighbours import target_of
from chartgen.rules.reading.sources import asks_cluster
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class ReplicasHardcodedOnTarget(CanaryRule):
    id = "replicas-hardcoded-on-target"
    severity = Severity.WARNING
    summary = "replicas that every upgrade resets although Flagger scales them"
    tags = ("scaling",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        target = target_of(canary, rendering)
        if (
            target is None
            or not target.name
            or target.kind != "Deployment"
            or number(target.get(("spec", "replicas"))) is None
        ):
            return
        if rendering.chart.files and not asks_cluster(rendering.chart, target):
            yield Problem(
                f"the chart renders replicas of {target.name}, which Flagger scales: every upgrade starts idle pods, "
                "and Helm 4 may reject it with a conflict",
                at=("spec", "replicas"),
                manifest=target,
            )
