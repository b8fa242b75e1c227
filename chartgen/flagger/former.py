"""What Canaries written for Flagger 0.x mean today.

The field that holds the analysis is `canaryAnalysis` in v1alpha1 to v1alpha3 and `analysis` since v1beta1 (Flagger 1.0,
pkg/apis/flagger/v1beta1/canary.go). Up to 0.13, the builtin checks had the names of Istio's metrics; later releases of
0.x accepted both, and 1.0 removed the former names (pkg/controller/scheduler.go: analyseCanary). A metric's `threshold`
still means what it meant: a minimum for the success rate, a maximum for everything else. Nothing else was renamed or
removed between v1alpha2 and v1beta1: schemas/flagger-fields.json has the fields of every release.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.flagger.canary import DURATION, SUCCESS_RATE, analysis_key, as_list, as_mapping

if TYPE_CHECKING:
    from collections.abc import Mapping

CURRENT = "flagger.app/v1beta1"
FORMER_METRICS = {"istio_requests_total": SUCCESS_RATE, "istio_request_duration_seconds_bucket": DURATION}


def as_current(body: Mapping[str, Any]) -> dict[str, Any]:
    """The Canary in today's words: the same settings under the names that the current Flagger reads.

    `threshold` stays as it is, because the current Flagger still reads it.
    """
    spec = dict(as_mapping(body.get("spec")))
    key = analysis_key(spec)
    analysis = spec.pop(key, None)
    if isinstance(analysis, dict):
        metrics = [_metric(metric) for metric in as_list(analysis.get("metrics"))]
        analysis = {**analysis, "metrics": metrics} if "metrics" in analysis else analysis
    if analysis is not None:
        spec["analysis"] = analysis
    return {**body, "apiVersion": CURRENT, "spec": spec}


def _metric(metric: Any) -> Any:
    if not isinstance(metric, dict) or metric.get("query") or metric.get("templateRef"):
        return metric
    name = metric.get("name")
    return {**metric, "name": FORMER_METRICS.get(str(name), name)}
