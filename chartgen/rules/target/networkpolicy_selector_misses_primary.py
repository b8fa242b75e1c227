"""A NetworkPolicy for the old label value no longer covers the primary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.neighbours import beside, pod_labels, selector_label, selects, target_of
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class NetworkpolicySelectorMissesPrimary(CanaryRule):
    id = "networkpolicy-selector-misses-primary"
    severity = Severity.INFO
    summary = "NetworkPolicy that doesn't cover the primary"
    tags = ("labels", "security")

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        target = target_of(canary, rendering)
        label = selector_label(target, self.cluster.selector_labels) if target else None
        if target is None or label is None:
            return
        for policy in beside(canary.manifest, rendering, "NetworkPolicy"):
            at = ("spec", "podSelector", "matchLabels")
            chosen = policy.get(at)
            if selects(chosen, pod_labels(target)) and label[0] in chosen:
                yield Problem(
                    f"NetworkPolicy {policy.name} selects {label[0]}={label[1]}; the primary's pods carry "
                    f"{label[1]}-primary and are not covered",
                    at=(*at, label[0]),
                    manifest=policy,
                )
