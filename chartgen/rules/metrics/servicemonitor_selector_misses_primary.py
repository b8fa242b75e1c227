"""A ServiceMonitor whose labels Flagger's Services don't have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.neighbours import in_same_namespace, labels_of, selector_label, selects, target_of
from chartgen.rules.reading.without_canary import front_services, without_canary
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class ServicemonitorSelectorMissesPrimary(CanaryRule):
    id = "servicemonitor-selector-misses-primary"
    severity = Severity.WARNING
    summary = "ServiceMonitor that matches none of Flagger's Services"
    tags = ("labels", "metrics")

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        target = target_of(canary, rendering)
        label = selector_label(target, self.cluster.selector_labels) if target else None
        canary_off = without_canary(canary, rendering)
        if target is None or label is None or canary_off is None:
            return
        for monitor in in_same_namespace(canary.manifest, rendering, "ServiceMonitor"):
            at = ("spec", "selector", "matchLabels")
            selector = labels_of(monitor.get(at))
            before = [svc for svc in front_services(canary, rendering, canary_off) if _matches(selector, svc)]
            after = any(_matches(selector, service) for service in rendering.of_kind("Service"))
            if selector and before and not after and not self._matches_flagger(selector, canary, label[0]):
                yield Problem(
                    f"ServiceMonitor {monitor.name} matches none of Flagger's Services with the canary on: Prometheus "
                    "scrapes nothing; add its labels to service.apex, service.primary and service.canary",
                    at=at,
                    manifest=monitor,
                )

    def _matches_flagger(self, selector: Mapping[str, Any], canary: Canary, label: str) -> bool:
        """Flagger's Services have the selector label with their own name, and the labels that service.* adds."""
        names = {"apex": canary.apex, "primary": f"{canary.apex}-primary", "canary": f"{canary.apex}-canary"}
        for part, name in names.items():
            labels = {label: name, **labels_of(canary.field("service", part, "labels"))}
            if all(labels.get(key) == value for key, value in selector.items()):
                return True
        return False


def _matches(selector: Mapping[str, Any], service: Manifest) -> bool:
    return selects(dict(selector), labels_of(service.get(("metadata", "labels"))))
