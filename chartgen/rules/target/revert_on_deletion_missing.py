"""Without revertOnDeletion, removing the Canary leaves the app without pods."""

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
        if rendering.chart.files and not _keeps_service(canary, rendering):
            yield Problem(
                "deleting this Canary, or switching it off, removes the primary while the target stays at 0 replicas: "
                "nothing serves; set revertOnDeletion: true",
                at=("spec",),
                fix=set_value(("spec", "revertOnDeletion"), True, Safety.UNSAFE),
            )


def _keeps_service(canary: Canary, rendering: Rendering) -> bool:
    """The chart knows of live releases: its Service stays in the release, read from the cluster with `lookup`."""
    off = without_canary(canary, rendering)
    service = off.named("Service", canary.apex) if off else None
    target = target_of(canary, rendering)
    return any(one is not None and asks_cluster(rendering.chart, one) for one in (service, target))
