"""With the canary on, the app is served under another name than the chart's Service had."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.without_canary import front_services, without_canary
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class ApexNameDiffersFromChartService(CanaryRule):
    id = "apex-name-differs-from-chart-service"
    severity = Severity.ERROR
    summary = "apex name that differs from the name of the Service callers use"
    tags = ("services",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        off = without_canary(canary, rendering)
        if off is None or canary.target_kind == "Service" or not canary.apex:
            return
        front = {one.name for one in front_services(canary, rendering, off)}
        gone = sorted(name for name in front if rendering.named("Service", name) is None)
        if gone and canary.apex not in front:
            yield Problem(
                f"without the canary callers use Service {gone[0]}; with it that one is gone and the app is served as "
                f"{canary.apex}: set service.name to {gone[0]}",
                at=("spec", "service"),
            )
