"""An Istio policy whose workload selector doesn't match the primary's pods."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.neighbours import in_same_namespace, pod_labels, selector_label, selects, target_of
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


_KINDS = (
    "AuthorizationPolicy", "PeerAuthentication", "RequestAuthentication", "Sidecar", "EnvoyFilter", "Telemetry",
)  # fmt: skip


class AuthorizationpolicySelectorMissesPrimary(CanaryRule):
    id = "authorizationpolicy-selector-misses-primary"
    severity = Severity.ERROR
    summary = "Istio policy that doesn't apply to the primary's pods"
    tags = ("labels", "security")

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        target = target_of(canary, rendering)
        label = selector_label(target, self.cluster.selector_labels) if target else None
        if target is None or label is None:
            return
        for policy in in_same_namespace(canary.manifest, rendering, *_KINDS):
            for at in (("spec", "selector", "matchLabels"), ("spec", "workloadSelector", "labels")):
                selector = policy.get(at)
                if selects(selector, pod_labels(target)) and label[0] in selector:
                    yield Problem(
                        f"{policy.kind} {policy.name} selects {label[0]}={label[1]}: it doesn't apply to the primary's "
                        f"pods, which have {label[0]}={label[1]}-primary",
                        at=(*at, label[0]),
                        manifest=policy,
                    )
