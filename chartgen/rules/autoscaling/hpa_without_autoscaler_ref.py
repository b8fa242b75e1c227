"""An autoscaler of the target that autoscalerRef doesn't name: it doesn't scale the primary."""

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
    yields_to = ("autoscaler-ref-not-found",)

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:
        canary = Canary(manifest)
        ref = canary.table("autoscalerRef")
        scalers = list(scalers_of(canary, rendering))
        if any((ref.get("kind"), ref.get("name")) == (scaler.kind, scaler.name) for scaler in scalers):
            return  # a second one is two-autoscalers-on-one-target's
        for scaler in scalers:
            at = ("spec", "autoscalerRef", "name") if ref else ("spec", "targetRef")
            yield Problem(
                f"{scaler.kind} {scaler.name} scales {canary.target}, but autoscalerRef doesn't name it: Flagger "
                "doesn't copy it, so it doesn't scale the primary",
                at=at,
            )
