"""An apex Service with another name than the chart's Service, which isn't rendered while the canary is on."""

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
        canary_off = without_canary(canary, rendering)
        if canary_off is None or canary.target_kind == "Service" or not canary.apex:
            return
        chart_services = {service.name for service in front_services(canary, rendering, canary_off)}
        removed = sorted(name for name in chart_services if rendering.named("Service", name) is None)
        if removed and canary.apex not in chart_services:
            yield Problem(
                f"Flagger serves the app as {canary.apex}, and the chart doesn't render Service {removed[0]} while the "
                f"canary is on: its callers reach nothing; set service.name: {removed[0]}",
                at=("spec", "service"),
            )
