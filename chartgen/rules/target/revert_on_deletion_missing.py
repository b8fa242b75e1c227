"""A Canary without revertOnDeletion: its removal leaves the app without pods."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.fix import Safety, set_value
from chartgen.rules.reading.neighbours import target_of
from chartgen.rules.reading.sources import asks_cluster
from chartgen.rules.reading.without_canary import without_canary
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class RevertOnDeletionMissing(CanaryRule):
    id = "revert-on-deletion-missing"
    severity = Severity.WARNING
    summary = "no revertOnDeletion, so removing the Canary leaves the app without pods"
    tags = ("lifecycle",)
    fixes = (Safety.UNSAFE,)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        if canary.field("revertOnDeletion") is True or canary.target_kind == "Service":
            return
        if rendering.chart.files and not _asks_cluster(canary, rendering):
            yield Problem(
                "revertOnDeletion isn't true: deleting the Canary, which switching it off does too, removes the "
                "primary while the target has 0 replicas: no pods serve traffic until something scales the target",
                at=("spec",),
                fix=set_value(("spec", "revertOnDeletion"), True, Safety.UNSAFE),
            )


def _asks_cluster(canary: Canary, rendering: Rendering) -> bool:
    """Whether the chart's Service or workload asks the live cluster (`lookup`), and so handles the switch itself."""
    canary_off = without_canary(canary, rendering)
    service = canary_off.named("Service", canary.apex) if canary_off else None
    target = target_of(canary, rendering)
    return any(manifest is not None and asks_cluster(rendering.chart, manifest) for manifest in (service, target))
