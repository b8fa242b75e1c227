"""An autoscaler on the target that the Canary does not name: the primary never scales."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.reading.canary import Canary
from chartgen.rules.reading.neighbours import scalers_of
from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering


class HpaWithoutAutoscalerRef(Rule):
    id = "hpa-without-autoscaler-ref"
    severity = Severity.ERROR
    summary = "autoscaler on the target that autoscalerRef doesn't name"
    tags = ("scaling",)

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:
        canary = Canary(manifest)
        named = canary.table("autoscalerRef")
        for scaler in scalers_of(canary, rendering):
            if (named.get("kind"), named.get("name")) == (scaler.kind, scaler.name):
                continue
            at = ("spec", "autoscalerRef", "name") if named else ("spec", "targetRef")
            yield Problem(
                f"{scaler.kind} {scaler.name} scales {canary.target}, and autoscalerRef does not name it: "
                "the primary keeps a fixed number of pods and takes over the canary's count at each promotion",
                at=at,
            )
