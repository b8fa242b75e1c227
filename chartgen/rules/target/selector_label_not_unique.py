"""Two workloads with the same value in the label that Flagger selects by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.neighbours import (
    WORKLOADS,
    in_same_namespace,
    pod_labels,
    pod_route,
    selector_label,
    target_of,
)
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


_SHORT_LIVED = ("Pod", "Job", "CronJob")


class SelectorLabelNotUnique(CanaryRule):
    id = "selector-label-not-unique"
    severity = Severity.ERROR
    summary = "another workload with the label that Flagger selects by"
    tags = ("labels",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        target = target_of(canary, rendering)
        label = selector_label(target, self.cluster.selector_labels) if target else None
        if target is None or label is None:
            return
        key, value = label
        for other in in_same_namespace(canary.manifest, rendering, *WORKLOADS):
            if (other.kind, other.name) == (target.kind, target.name) or pod_labels(other).get(key) != value:
                continue
            is_hook = other.get(("metadata", "annotations", "helm.sh/hook")) is not None
            yield Problem(
                f"{other.kind} {other.name} also has {key}={value}, the only label by which Flagger selects the pods "
                f"of {target.name}: its Services send requests to the wrong pods, too",
                at=(*pod_route(other), "metadata", "labels", key),
                manifest=other,
                severity=Severity.INFO if is_hook or other.kind in _SHORT_LIVED else None,
            )
