"""A Service of the chart with a name that Flagger owns: each overwrites the other's settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.reading.canary import Canary
from chartgen.rules.reading.neighbours import in_same_namespace, is_knative
from chartgen.rules.reading.sources import asks_cluster
from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering


class ChartServiceCollidesWithApex(Rule):
    id = "chart-service-collides-with-apex"
    severity = Severity.ERROR
    summary = "Service in the chart with a name that Flagger owns"
    tags = ("services",)

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:
        canary = Canary(manifest)
        if canary.target_kind == "Service" or not canary.apex or not rendering.chart.files:
            return
        owned = {canary.apex, f"{canary.apex}-primary", f"{canary.apex}-canary"}
        for service in in_same_namespace(manifest, rendering, "Service"):
            if service.name in owned and not is_knative(service) and not asks_cluster(rendering.chart, service):
                yield Problem(
                    f"Flagger owns Service {service.name}, but the chart renders it too: each upgrade resets its ports "
                    "and selector until Flagger's next tick, and callers may get a 503",
                    at=("kind",),
                    manifest=service,
                )
