"""A ServiceMonitor for labels that Flagger's Services do not carry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.neighbours import beside, labels_of, selector_label, selects, target_of
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
        off = without_canary(canary, rendering)
        if target is None or label is None or off is None:
            return
        for monitor in beside(canary.manifest, rendering, "ServiceMonitor"):
            at = ("spec", "selector", "matchLabels")
            chosen = labels_of(monitor.get(at))
            before = [one for one in front_services(canary, rendering, off) if _matches(chosen, one)]
            still = any(_matches(chosen, one) for one in rendering.of_kind("Service"))
            if chosen and before and not still and not self._by_flagger(chosen, canary, label[0]):
                yield Problem(
                    f"ServiceMonitor {monitor.name} matches the chart's Service {before[0].name} and, with the canary "
                    "on, "
                    "none of Flagger's: give them its labels with service.apex, service.primary and service.canary",
                    at=at,
                    manifest=monitor,
                )

    def _by_flagger(self, chosen: Mapping[str, Any], canary: Canary, label: str) -> bool:
        """Services made by Flagger carry the selector label with their own name, and what service.* adds."""
        names = {"apex": canary.apex, "primary": f"{canary.apex}-primary", "canary": f"{canary.apex}-canary"}
        for part, name in names.items():
            labels = {label: name, **labels_of(canary.field("service", part, "labels"))}
            if all(labels.get(key) == value for key, value in chosen.items()):
                return True
        return False


def _matches(chosen: Mapping[str, Any], service: Manifest) -> bool:
    return selects(dict(chosen), labels_of(service.get(("metadata", "labels"))))
