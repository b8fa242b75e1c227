"""Anti-affinity or topology spread that doesn't apply to the primary's own pods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.flagger.canary import as_list
from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.neighbours import labels_of, pod_route, selector_label, target_of
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest, Route
    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary


class AntiAffinityNotRewritten(CanaryRule):
    id = "anti-affinity-not-rewritten"
    severity = Severity.WARNING
    summary = "anti-affinity or topology spread that doesn't spread the primary's pods"
    tags = ("labels",)

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        target = target_of(canary, rendering)
        label = selector_label(target, self.cluster.selector_labels) if target else None
        if target is None or label is None or label[1] == target.name:
            return
        for at in _selectors(target):
            selector = target.get(at)
            if _selects_label(selector, label):
                yield Problem(
                    f"Flagger doesn't append -primary to {label[0]}={label[1]} here, because the value isn't the "
                    f"workload's name ({target.name}): the primary's pods may all run on one node",
                    at=at,
                    manifest=target,
                )
                return


def _selectors(target: Manifest) -> Iterator[Route]:
    pod = (*pod_route(target), "spec")
    anti = (*pod, "affinity", "podAntiAffinity")
    for index, _ in enumerate(as_list(target.get((*anti, "requiredDuringSchedulingIgnoredDuringExecution")))):
        yield (*anti, "requiredDuringSchedulingIgnoredDuringExecution", index, "labelSelector")
    for index, _ in enumerate(as_list(target.get((*anti, "preferredDuringSchedulingIgnoredDuringExecution")))):
        yield (*anti, "preferredDuringSchedulingIgnoredDuringExecution", index, "podAffinityTerm", "labelSelector")
    for index, _ in enumerate(as_list(target.get((*pod, "topologySpreadConstraints")))):
        yield (*pod, "topologySpreadConstraints", index, "labelSelector")


def _selects_label(selector: Any, label: tuple[str, str]) -> bool:
    if not isinstance(selector, dict):
        return False
    by_expression = any(
        isinstance(expression, dict)
        and expression.get("key") == label[0]
        and label[1] in map(str, as_list(expression.get("values")))
        for expression in as_list(selector.get("matchExpressions"))
    )
    return by_expression or labels_of(selector.get("matchLabels")).get(label[0]) == label[1]
