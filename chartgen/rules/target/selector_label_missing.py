"""A target whose selector has none of the labels that Flagger accepts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.reading.canary import Canary
from chartgen.rules.reading.neighbours import selector_label, target_of
from chartgen.rules.rule import Problem, Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering


class SelectorLabelMissing(Rule):
    id = "selector-label-missing"
    severity = Severity.ERROR
    summary = "target whose selector has no label that Flagger accepts"
    tags = ("labels",)

    def check(self, manifest: Manifest, rendering: Rendering) -> Iterator[Problem]:
        canary = Canary(manifest)
        target = target_of(canary, rendering)
        if target is None or target.kind == "Service":
            return
        if target.get(("spec", "selector")) is None and target.api_version == "apps/v1":
            message = f"{target.kind} {target.name} has no spec.selector: the API server rejects it"
            yield Problem(message, at=("spec",), manifest=target)
        elif selector_label(target, self.cluster.selector_labels) is None:
            yield Problem(
                f"spec.selector.matchLabels of {target.kind} {target.name} has none of the labels "
                f"{', '.join(self.cluster.selector_labels)}: Flagger fails at every tick and creates nothing",
                at=("spec", "selector", "matchLabels"),
                manifest=target,
            )
