"""Deployments as targets (pkg/canary/deployment_controller.go, deployment_ready.go)."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

from chartgen.flagger.canary import as_int, as_mapping
from chartgen.flagger.schedule import configs, workloads
from chartgen.flagger.schedule.errors import StepError
from chartgen.flagger.schedule.targets.pod_targets import PodTarget, primary_template, promotion_id

if TYPE_CHECKING:
    from chartgen.flagger.schedule.reconciliation import Reconciliation
    from chartgen.flagger.schedule.workloads import Workload

_WAITING = "waiting for rollout to finish:"
# Kubernetes truncates condition times to whole seconds, so they are half a second early on average.
_TRUNCATED = 0.5


class DeploymentTarget(PodTarget):
    kind, word, create_word = "Deployment", "deployment", "Deployment"

    def new_primary(self, run: Reconciliation, target: Workload, label: str, value: str) -> Workload:
        """createPrimaryDeployment: the target's replicas, or 1 if it has 0."""
        kept = ("progressDeadlineSeconds", "minReadySeconds", "strategy")
        spec: dict[str, Any] = {key: target.spec[key] for key in kept if key in target.spec}
        spec["replicas"] = target.replicas if target.replicas > 0 else 1
        spec["selector"] = {"matchLabels": {label: f"{value}-primary"}}
        spec["template"] = primary_template(target.pod_template, label, value, promotion_id(None))
        manifest = {"kind": self.kind, "metadata": {"name": run.canary.names.primary}, "spec": spec}
        return workloads.new_workload(manifest, run.now, target.pod_start)

    def primary_ready(self, run: Reconciliation) -> None:
        try:
            _require_ready(self.primary(run), run, run.canary.analysis.primary_ready_threshold)
        except _NotReadyError as error:
            raise error.within(f"{run.canary.names.of_primary} not ready") from error

    def canary_ready(self, run: Reconciliation) -> None:
        try:
            _require_ready(self.target(run), run, run.canary.analysis.canary_ready_threshold)
        except _NotReadyError as error:
            raise error.within(f"canary deployment {run.canary.names.of_target} not ready") from error

    def promote(self, run: Reconciliation) -> None:
        try:
            self._promote(run)
        except StepError as error:
            raise error.within(f"updating deployment {run.canary.names.of_primary} template spec failed") from error

    def _promote(self, run: Reconciliation) -> None:
        target = self.target(run)
        label, value = self.label(run, target)
        primary = self.primary(run)
        try:
            tracked = configs.target_configs(run, target)
        except StepError as error:
            raise error.within("GetTargetConfigs failed") from error
        configs.create_primary_configs(run, tracked)
        spec = {**primary.spec}
        for key in ("progressDeadlineSeconds", "minReadySeconds", "strategy"):
            spec.pop(key, None)
            if key in target.spec:
                spec[key] = target.spec[key]
        if run.canary.autoscaler is None:
            spec["replicas"] = target.replicas
        spec["template"] = primary_template(target.pod_template, label, value, promotion_id(primary))
        run.put_workload(workloads.changed(primary, {**primary.manifest, "spec": spec}, run.now))

    def scale_to_zero(self, run: Reconciliation) -> None:
        run.put_workload(workloads.scaled(self.target(run), 0, run.now))

    def scale_from_zero(self, run: Reconciliation) -> None:
        """ScaleFromZero: its own replicas, else the primary's, else the autoscaler's minimum, else 1."""
        target = self.target(run)
        replicas = 1
        if target.replicas > 0:
            replicas = target.replicas
        elif run.canary.autoscaler is None:
            replicas = max(1, self.primary(run).replicas)
        else:
            field = {"HorizontalPodAutoscaler": "minReplicas", "ScaledObject": "minReplicaCount"}
            kind, name = run.canary.autoscaler.kind, run.canary.autoscaler.name
            body = run.objects.get((kind, name)) if kind in field else None
            replicas = max(1, as_int(as_mapping((body or {}).get("spec")).get(field.get(kind, ""))))
        run.put_workload(workloads.scaled(target, replicas, run.now))

    def finalize(self, run: Reconciliation) -> None:
        """Finalize: the primary's number of replicas."""
        try:
            self.target(run)
        except StepError as error:
            raise StepError(error.text.replace("deployment", "deplyoment", 1)) from error
        primary = run.workload(self.kind, run.canary.names.primary)
        if primary is None:
            self.scale_from_zero(run)
            return
        run.put_workload(workloads.scaled(self.target(run), primary.replicas, run.now))


class _NotReadyError(StepError):
    pass


def ready_count(pods: int, threshold: int) -> int:
    """How many of the updated pods must be available; computed with float32, as in isDeploymentReady."""
    return int(_float32(pods * _float32(threshold / 100)))


def _float32(value: float) -> float:
    try:
        return float(struct.unpack("f", struct.pack("f", value))[0])
    except OverflowError:
        return value


def _require_ready(workload: Workload, run: Reconciliation, threshold: int) -> None:
    """isDeploymentReady"""
    if workload.lags(run.now):
        raise _NotReadyError(f"{_WAITING} observed deployment generation less than desired generation")
    rollout = workload.rollout
    since = rollout.unavailable_since
    retriable = since is None or run.now - since + _TRUNCATED <= run.canary.deadline
    updated, wanted = rollout.current.count, ready_count(rollout.current.count, threshold)
    if rollout.stuck:
        text = f'deployment "{workload.name}" exceeded its progress deadline'
        raise _NotReadyError(text, retriable=False)
    if updated < workload.replicas:
        text = f"{_WAITING} {updated} out of {workload.replicas} new replicas have been updated"
    elif rollout.total > updated:
        text = f"{_WAITING} {rollout.total - updated} old replicas are pending termination"
    elif rollout.available < wanted:
        available = f"{rollout.available} of {wanted} (readyThreshold {threshold}%)"
        text = f"{_WAITING} {available} updated replicas are available"
    else:
        return
    raise _NotReadyError(text, retriable=retriable)
