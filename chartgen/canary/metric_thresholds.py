"""The limits of metrics in the shape of another API version: `thresholdRange` for v1beta1, `threshold` before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Route

# Of Flagger's builtin metrics, this one has a lower limit (pkg/metrics/observers).
_LOWER_LIMIT = "request-success-rate"


def threshold_edits(metrics: Any, api_version: str) -> Iterator[tuple[Route, Any]]:
    """(route below `metrics`, new value or None to remove it) for each metric that this API version reads otherwise.

    A range with both limits has no counterpart before v1beta1 and stays.
    """
    for index, metric in enumerate(metrics if isinstance(metrics, list) else ()):
        if not isinstance(metric, dict):
            continue
        limits = metric.get("thresholdRange")
        if api_version != "v1beta1" and isinstance(limits, dict) and len(limits) == 1 and "threshold" not in metric:
            yield (index, "threshold"), next(iter(limits.values()))
            yield (index, "thresholdRange"), None
        elif api_version == "v1beta1" and "threshold" in metric and "thresholdRange" not in metric:
            limit = "min" if metric.get("name") == _LOWER_LIMIT else "max"
            yield (index, "thresholdRange"), {limit: metric["threshold"]}
            yield (index, "threshold"), None
