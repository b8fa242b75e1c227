"""The changes that turn a HorizontalPodAutoscaler of autoscaling/v2beta1 or v2beta2 into autoscaling/v2.

v2 equals v2beta2. In v2beta1, a metric has its target beside its name (k8s.io/api/autoscaling/v2beta1/types.go):
`targetAverageUtilization: 80` is `target: {type: Utilization, averageUtilization: 80}` in v2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.rules.fix import Change, MoveKey, RenameKey, SetValue

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chartgen.manifests.manifest import Manifest, Route

_VERSION = "autoscaling/v2"
_SOURCES = {
    "Resource": "resource",
    "ContainerResource": "containerResource",
    "Pods": "pods",
    "External": "external",
    "Object": "object",
}
# v2beta1's field → the field of `target` in v2, and the target's type.
_TARGETS = {
    "targetAverageUtilization": ("averageUtilization", "Utilization"),
    "targetAverageValue": ("averageValue", "AverageValue"),
    "averageValue": ("averageValue", "AverageValue"),
    "targetValue": ("value", "Value"),
}
# v2beta1's field → the field of `metric` in v2.
_METRICS = {"metricName": "name", "metricSelector": "selector", "selector": "selector"}


def changes_to_v2(manifest: Manifest) -> tuple[Change, ...]:
    """The changes in order. A metric of no valid form, which no version accepts, stays as it is."""
    changes: list[Change] = [SetValue(("apiVersion",), _VERSION)]
    metrics = manifest.get(("spec", "metrics"))
    if manifest.api_version == "autoscaling/v2beta1" and metrics is not None:
        for index, metric in enumerate(metrics if isinstance(metrics, list) else ()):
            changes += _metric_changes(metric, ("spec", "metrics", index))
    return tuple(changes)


def _metric_changes(metric: Any, at: Route) -> list[Change]:
    name = _SOURCES.get(str(metric.get("type"))) if isinstance(metric, dict) else None
    source = metric.get(name) if name else None
    if name is None or not isinstance(source, dict):
        return []
    targets = [key for key in _TARGETS if source.get(key) is not None]
    if len(targets) != 1:
        return []
    at = (*at, name)
    described = [RenameKey((*at, "target"), "describedObject")] if "target" in source else []
    return [*described, *_moved(source, at), SetValue((*at, "target", "type"), _TARGETS[targets[0]][1])]


def _moved(source: Mapping[str, Any], at: Route) -> Iterator[Change]:
    for fields, into in ((_METRICS, "metric"), ({key: name for key, (name, _) in _TARGETS.items()}, "target")):
        for key, name in fields.items():
            if source.get(key) is not None:
                yield MoveKey((*at, key), (*at, into), name)
