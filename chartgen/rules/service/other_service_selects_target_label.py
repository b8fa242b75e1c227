"""Another Service that selects the target's pods, which don't run between releases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.neighbours import (
    in_same_namespace,
    is_knative,
    pod_labels,
    selector_label,
    selects,
    target_of,
)
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class OtherServiceSelectsTargetLabel(CanaryRule):
    id = "other-service-selects-target-label"
    severity = Severity.ERROR
    summary = "another Service that selects pods which exist only during a rollout"
    tags = ("services", "labels")

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        target = target_of(canary, rendering)
        label = selector_label(target, self.cluster.selector_labels) if target else None
        if target is None or label is None or target.kind == "Service":
            return
        managed = {canary.apex, f"{canary.apex}-primary", f"{canary.apex}-canary"}
        for service in in_same_namespace(canary.manifest, rendering, "Service"):
            selector = service.get(("spec", "selector"))
            if service.name in managed or is_knative(service) or not selects(selector, pod_labels(target)):
                continue
            if label[0] in selector:
                yield Problem(
                    f"Service {service.name} selects {label[0]}={label[1]}: it has no endpoints between releases, "
                    f"because the primary's pods have {label[0]}={label[1]}-primary",
                    at=("spec", "selector", label[0]),
                    manifest=service,
                )
