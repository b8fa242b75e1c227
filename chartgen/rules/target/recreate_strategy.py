"""A target with strategy Recreate, which Flagger copies to the primary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.fix import Safety, set_value
from chartgen.rules.reading.neighbours import target_of
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class RecreateStrategy(CanaryRule):
    id = "recreate-strategy"
    severity = Severity.WARNING
    summary = "Recreate strategy that takes the primary down at each promotion"
    tags = ("lifecycle",)
    fixes = (Safety.UNSAFE,)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        target = target_of(canary, rendering)
        if target is not None and target.get(("spec", "strategy", "type")) == "Recreate":
            yield Problem(
                f"Flagger copies strategy Recreate of {target.name} to the primary: at each promotion the primary "
                "drops to zero pods",
                at=("spec", "strategy", "type"),
                manifest=target,
                fix=set_value(("spec", "strategy", "type"), "RollingUpdate", Safety.UNSAFE),
            )
