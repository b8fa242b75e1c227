"""A Service that Flagger takes over, although it selects none of the target's pods."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.neighbours import in_same_namespace, is_knative, pod_labels, selects, target_of
from chartgen.rules.reading.without_canary import without_canary
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class ServiceMissesTargetPods(CanaryRule):
    id = "service-misses-target-pods"
    severity = Severity.WARNING
    summary = "Service of the apex name that selects none of the target's pods"
    tags = ("services", "labels")

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        target = target_of(canary, rendering)
        if target is None or not pod_labels(target) or not canary.apex:
            return
        for release in filter(None, (rendering, without_canary(canary, rendering))):
            for service in in_same_namespace(canary.manifest, release, "Service"):
                selector = service.get(("spec", "selector"))
                if service.name != canary.apex or is_knative(service) or not isinstance(selector, dict) or not selector:
                    continue
                if not selects(selector, pod_labels(target)):
                    shown = ", ".join(f"{key}={value}" for key, value in selector.items())
                    yield Problem(
                        f"Service {service.name} selects {shown}, which no pod of {target.kind} {target.name} has: "
                        f"Flagger replaces its selector, so its callers reach {target.name}'s pods instead; set "
                        "service.name to another name",
                        at=("spec", "selector") if release is rendering else ("spec", "service"),
                        manifest=service if release is rendering else None,
                    )
                    return
