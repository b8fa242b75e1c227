"""autoscalerRef names an autoscaler the release does not render: the Canary stays Initializing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.reading.canary import Canary
from chartgen.rules.reading.neighbours import beside
from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering


class AutoscalerRefNotFound(Rule):
    id = "autoscaler-ref-not-found"
    severity = Severity.ERROR
    summary = "autoscalerRef to an autoscaler that the release doesn't render"
    tags = ("references", "scaling")

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:
        canary = Canary(manifest)
        kind, name = str(canary.field("autoscalerRef", "kind") or ""), str(canary.field("autoscalerRef", "name") or "")
        if not kind or not name or not rendering.chart.files:
            return
        there = [one.name for one in beside(manifest, rendering, kind)]
        if name not in there:
            others = f"; there is {kind} {there[0]}" if there else ""
            yield Problem(
                f"{kind} {name} is not rendered: Flagger stops at it in every tick and the Canary stays Initializing"
                f"{others}",
                at=("spec", "autoscalerRef", "name"),
            )
