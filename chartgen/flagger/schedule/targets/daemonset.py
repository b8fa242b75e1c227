"""DaemonSets as targets (pkg/canary/daemonset_controller.go, daemonset_ready.go)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.flagger.canary import as_mapping
from chartgen.flagger.schedule import configs, workloads
from chartgen.flagger.schedule.errors import StepError
from chartgen.flagger.schedule.targets.deployment import ready_count
from chartgen.flagger.schedule.targets.pod_targets import PodTarget, primary_template, promotion_id
from chartgen.flagger.schedule.workloads import SCALED_DOWN

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chartgen.flagger.schedule.reconciliation import Reconciliation
    from chartgen.flagger.schedule.workloads import Workload

_WAITING = "waiting for rollout to finish:"
_TRUNCATED = 0.5


class DaemonSetTarget(PodTarget):
    kind, word, create_word, stray = "DaemonSet", "daemonset", "DaemonSet", "'"

    def require_copyable(self, run: Reconciliation) -> None:
        strategy = as_mapping(self.target(run).spec.get("updateStrategy")).get("type") or "RollingUpdate"
        if strategy != "RollingUpdate":
            raise StepError(
                f"daemonset {run.canary.names.of_target} must have RollingUpdate strategy but have {strategy}"
            )

    def new_primary(self, run: Reconciliation, target: Workload, label: str, value: str) -> Workload:
        kept = ("minReadySeconds", "updateStrategy")
        spec: dict[str, Any] = {key: target.spec[key] for key in kept if key in target.spec}
        spec["selector"] = {"matchLabels": {label: f"{value}-primary"}}
        spec["template"] = primary_template(target.pod_template, label, value, promotion_id(None))
        manifest = {"kind": self.kind, "metadata": {"name": run.canary.names.primary}, "spec": spec}
        return workloads.new_workload(manifest, run.now, target.pod_start)

    def primary_ready(self, run: Reconciliation) -> None:
        try:
            _require_ready(self.primary(run), run, run.canary.analysis.primary_ready_threshold)
        except _NotReadyError as error:
            raise error.within(f"primary daemonset {run.canary.names.of_primary} not ready") from error

    def canary_ready(self, run: Reconciliation) -> None:
        try:
            _require_ready(self.target(run), run, run.canary.analysis.canary_ready_threshold)
        except _NotReadyError as error:
            retryable = "true" if error.retriable else "false"
            prefix = f"canary damonset {run.canary.names.of_target} not ready with retryable {retryable}"
            raise error.within(prefix) from error

    def promote(self, run: Reconciliation) -> None:
        try:
            self._promote(run)
        except StepError as error:
            raise error.within(f"updating daemonset {run.canary.names.of_primary} template spec failed") from error

    def _promote(self, run: Reconciliation) -> None:
        target = self.target(run, "damonset")
        label, value = self.label(run, target)
        primary = self.primary(run)
        try:
            tracked = configs.target_configs(run, target)
        except StepError as error:
            raise error.within("GetTargetConfigs failed") from error
        configs.create_primary_configs(run, tracked)
        template = primary_template(target.pod_template, label, value, promotion_id(primary))
        spec = {**primary.spec, "template": _without_scale_down(template)}
        run.put_workload(workloads.changed(primary, {**primary.manifest, "spec": spec}, run.now))

    def scale_to_zero(self, run: Reconciliation) -> None:
        target = self.target(run)
        selector = {**(target.node_selector or {}), **SCALED_DOWN}
        run.put_workload(workloads.with_node_selector(target, selector, run.now))

    def scale_from_zero(self, run: Reconciliation) -> None:
        target = self.target(run)
        selector = {key: value for key, value in (target.node_selector or {}).items() if key not in SCALED_DOWN}
        run.put_workload(workloads.with_node_selector(target, selector, run.now))

    def finalize(self, run: Reconciliation) -> None:
        try:
            self.scale_from_zero(run)
        except StepError as error:
            raise error.within("ScaleFromZero failed") from error


class _NotReadyError(StepError):
    pass


def _without_scale_down(template: Mapping[str, Any]) -> Mapping[str, Any]:
    pod = as_mapping(template.get("spec"))
    if "nodeSelector" not in pod:
        return template
    selector = {key: value for key, value in as_mapping(pod["nodeSelector"]).items() if key not in SCALED_DOWN}
    return {**template, "spec": {**pod, "nodeSelector": selector}}


def _require_ready(workload: Workload, run: Reconciliation, threshold: int) -> None:
    """isDaemonSetReady: the deadline counts from the Canary's last write, not from the pods."""
    if workload.lags(run.now):
        raise _NotReadyError(f"{_WAITING} observed daemonset generation less than desired generation")
    rollout = workload.rollout
    desired = rollout.wanted_replicas
    wanted = ready_count(desired, threshold)
    if rollout.current.count >= desired and rollout.available >= wanted:
        return
    if run.now - run.cached.transition + _TRUNCATED > run.canary.deadline:
        raise _NotReadyError(f"exceeded its progressDeadlineSeconds: {run.canary.deadline}", retriable=False)
    if rollout.current.count < desired:
        raise _NotReadyError(f"{_WAITING} {rollout.current.count} out of {desired} new pods have been updated")
    raise _NotReadyError(
        f"{_WAITING} {rollout.available} of {wanted} (readyThreshold {threshold}%) updated pods are available"
    )
