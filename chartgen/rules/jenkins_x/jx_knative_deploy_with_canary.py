"""knativeDeploy together with the canary: the chart doesn't render the Canary's Deployment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.errors import RenderError
from chartgen.manifests.rendering import render
from chartgen.rules.reading.canary import Canary
from chartgen.rules.reading.neighbours import target_of
from chartgen.rules.rule import ChartRule, Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.rules.releases import Releases


class JxKnativeDeployWithCanary(ChartRule):
    id = "jx-knative-deploy-with-canary"
    severity = Severity.WARNING
    summary = "knativeDeploy switch that removes the Canary's target but not the Canary"
    tags = ("references", "jenkins-x")

    def check_chart(self, releases: Releases) -> Iterator[Problem]:
        for rendering in releases.with_canary:
            if "knativeDeploy" not in rendering.values:
                continue
            try:
                knative = render(
                    releases.engine, releases.chart, rendering.request.over({"knativeDeploy": True}), rendering.label
                )
            except RenderError:
                continue
            for manifest in knative.of_kind("Canary"):
                canary = Canary(manifest)
                if canary.target_kind == "Deployment" and target_of(canary, knative) is None:
                    yield Problem(
                        f"with knativeDeploy: true the chart renders the Canary but not Deployment {canary.target}: "
                        "Flagger never finds the target",
                        values_route=("knativeDeploy",),
                        releases=(rendering.label,),
                    )
                    return
