"""The primary's copy of the autoscaler, and pausing the target's (hpa_reconciler.go, scaled_object_reconciler.go)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.flagger.canary import as_mapping
from chartgen.flagger.names import PRIMARY
from chartgen.flagger.schedule.errors import StepError
from chartgen.flagger.schedule.services import owned_metadata

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chartgen.flagger.schedule.reconciliation import Reconciliation

HPA, SCALED_OBJECT = "HorizontalPodAutoscaler", "ScaledObject"
# github.com/fluxcd/flagger/pkg/apis/keda/v1alpha1: PausedReplicasAnnotation
_PAUSED = "autoscaling.keda.sh/paused-replicas"


def reconcile_primary(run: Reconciliation) -> None:
    """ReconcilePrimaryScaler; ignores an unknown kind of autoscaler (factory.go:ScalerReconciler)."""
    scaler = run.canary.autoscaler
    if scaler is None or scaler.kind not in (HPA, SCALED_OBJECT):
        return
    body = _get(run)
    name = scaler.name + PRIMARY
    if (scaler.kind, name) not in run.objects:
        run.put(scaler.kind, name, {"kind": scaler.kind, "metadata": owned_metadata(name), "spec": body.get("spec")})


def pause_target(run: Reconciliation) -> None:
    _pause(run, paused=True)


def resume_target(run: Reconciliation) -> None:
    _pause(run, paused=False)


def _pause(run: Reconciliation, *, paused: bool) -> None:
    scaler = run.canary.autoscaler
    if scaler is None or scaler.kind != SCALED_OBJECT:
        return
    body = _get(run)
    metadata = as_mapping(body.get("metadata"))
    annotations = {key: value for key, value in as_mapping(metadata.get("annotations")).items() if key != _PAUSED}
    if paused:
        annotations[_PAUSED] = "0"
    run.put(scaler.kind, scaler.name, {**body, "metadata": {**metadata, "annotations": annotations}})


def _get(run: Reconciliation) -> Mapping[str, Any]:
    scaler, namespace = run.canary.autoscaler, run.canary.names.namespace
    assert scaler is not None
    body = run.objects.get((scaler.kind, scaler.name))
    if body is not None:
        return body
    if scaler.kind == SCALED_OBJECT:
        missing = f'scaledobjects.keda.sh "{scaler.name}" not found'
        raise StepError(f"Keda ScaledObject {scaler.name}.{namespace} get query error: {missing}")
    lead = f"HorizontalPodAutoscaler {scaler.name}.{namespace} get query error"
    if not run.behavior.one_autoscaling_api:
        raise StepError(f"{lead} for both v2beta2: ", open_ended=True)
    raise StepError(f'{lead}: horizontalpodautoscalers.autoscaling "{scaler.name}" not found')
