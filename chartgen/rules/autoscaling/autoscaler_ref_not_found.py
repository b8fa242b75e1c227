"""An autoscalerRef to an autoscaler that the release doesn't render: Flagger fails at every tick."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.reading.canary import Canary
from chartgen.rules.reading.neighbours import in_same_namespace
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
        rendered = [scaler.name for scaler in in_same_namespace(manifest, rendering, kind)]
        if name not in rendered:
            advice = f"; the release has {kind} {rendered[0]}" if rendered else ""
            yield Problem(
                f"the release doesn't render {kind} {name}: Flagger fails at every tick, and a new Canary stays "
                f"Initializing{advice}",
                at=("spec", "autoscalerRef", "name"),
            )
