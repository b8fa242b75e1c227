"""A NetworkPolicy whose selector doesn't match the primary's pods."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.neighbours import in_same_namespace, pod_labels, selector_label, selects, target_of
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
        for policy in in_same_namespace(canary.manifest, rendering, "NetworkPolicy"):
            at = ("spec", "podSelector", "matchLabels")
            selector = policy.get(at)
            if selects(selector, pod_labels(target)) and label[0] in selector:
                yield Problem(
                    f"NetworkPolicy {policy.name} selects {label[0]}={label[1]}: it doesn't cover the primary's pods, "
                    f"which have {label[0]}={label[1]}-primary",
                    at=(*at, label[0]),
                    manifest=policy,
                )
