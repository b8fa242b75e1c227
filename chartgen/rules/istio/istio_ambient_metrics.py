"""Builtin metrics in Istio's ambient mode, where no proxy reports as the destination."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.rules.canary_rule import CanaryRule
from chartgen.rules.reading.neighbours import labels_of, namespace_of, pod_labels, target_of
from chartgen.rules.rule import Problem, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Manifest, Route
    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary

_MODE = "istio.io/dataplane-mode"
_INJECT = "sidecar.istio.io/inject"


class IstioAmbientMetrics(CanaryRule):
    id = "istio-ambient-metrics"
    severity = Severity.ERROR
    summary = "builtin Istio metrics in ambient mode"
    tags = ("istio", "metrics", "providers")

    def check_canary(self, canary: Canary, rendering: Rendering) -> Iterator[Problem]:
        builtin = next((metric for metric in canary.metrics if metric.is_builtin and metric.template is None), None)
        if canary.provider(self.cluster) != "istio" or not canary.analyses or builtin is None:
            return
        ambient = _ambient(canary, rendering)
        if ambient:
            manifest, at = ambient
            yield Problem(
                f"{manifest.kind} {manifest.name} is in ambient mode, but {builtin.name} counts only requests that the "
                "destination's sidecar reports: a waypoint reports as another reporter, so the check has no values and "
                "fails; use MetricTemplates, or sidecars",
                at=at,
                manifest=manifest,
            )


def _ambient(canary: Canary, rendering: Rendering) -> tuple[Manifest, Route] | None:
    """What puts the target's pods into ambient mode; None if nothing does, or if they ask for a sidecar."""
    target = target_of(canary, rendering)
    if target is None:
        return None
    own = pod_labels(target)
    if str(own.get(_INJECT)).lower() == "true" or own.get(_MODE) == "none":
        return None
    if own.get(_MODE) == "ambient":
        return target, ("spec", "template", "metadata", "labels", _MODE)
    home = namespace_of(canary.manifest, rendering)
    for namespace in rendering.of_kind("Namespace"):
        if namespace.name == home and labels_of(namespace.get(("metadata", "labels"))).get(_MODE) == "ambient":
            return namespace, ("metadata", "labels", _MODE)
    return None
