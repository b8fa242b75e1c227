"""Deployments and DaemonSets as Flagger reads and writes them."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any, NamedTuple

from chartgen.flagger.canary import as_int, as_list, as_mapping, as_str
from chartgen.flagger.go_durations import DurationError, parse_duration
from chartgen.flagger.schedule.pods import AVAILABLE, LAG, ReplicaSet, Rollout, Wanted, created, moved, ordered

if TYPE_CHECKING:
    from collections.abc import Mapping

# pkg/canary/daemonset_controller.go:daemonSetScaleDownNodeSelector
SCALED_DOWN = {"flagger.app/scale-to-zero": "true"}
# Annotations of a pod template for how long its pods take, in recordings and from callers that know it.
READY_AFTER, READY = "example.test/ready-after", "example.test/ready"
# And for how many of them never become ready.
FAILING_PODS = "example.test/failing-pods"
_NODES = 1
# The simulation tracks each pod; a workload with more pods counts as one with this many.
_MOST_PODS = 1000


class Workload(NamedTuple):
    """One Deployment or DaemonSet and its pods. `template` identifies its pod template: equal for equal ones.

    `pod_start` is how many seconds a pod takes to become ready, if the template has no annotation for it.
    """

    kind: str
    name: str
    manifest: Mapping[str, Any]
    template: str
    replicas: int
    pod_start: float
    rollout: Rollout

    @property
    def spec(self) -> Mapping[str, Any]:
        return as_mapping(self.manifest.get("spec"))

    @property
    def pod_template(self) -> Mapping[str, Any]:
        return as_mapping(self.spec.get("template"))

    @property
    def labels(self) -> Mapping[str, Any]:
        return as_mapping(as_mapping(self.spec.get("selector")).get("matchLabels"))

    @property
    def scaled_down(self) -> bool:
        return _node_selector(self.manifest).items() >= SCALED_DOWN.items()

    @property
    def node_selector(self) -> Mapping[str, Any] | None:
        return _node_selector(self.manifest) or None

    @property
    def still(self) -> bool:
        """All pods match the spec, and no change is in progress."""
        rollout, wanted = self.rollout, _wanted(self)
        return (
            rollout.settled
            and rollout.wanted_replicas == wanted.replicas == rollout.current.count
            and rollout.current.template == wanted.template
        )

    def lags(self, now: float) -> bool:
        """Whether the workload's controller hasn't observed the latest change yet."""
        return now < self.rollout.changed + LAG

    def key(self, *, still: bool) -> tuple[str, int, bool, Rollout | None]:
        """Equal for workloads with equal futures; `still`: no workload has a change in progress."""
        return (self.template, self.replicas, self.scaled_down, None if still else self.rollout)


def new_workload(manifest: Mapping[str, Any], now: float, pod_start: float) -> Workload:
    """A workload at its creation."""
    workload = _read(manifest, pod_start, Rollout((), 0, now))
    return workload._replace(rollout=created(_wanted(workload), now))


def changed(workload: Workload, manifest: Mapping[str, Any], now: float) -> Workload:
    """The workload with a new manifest; its pods change from now on."""
    if manifest == workload.manifest:
        return workload
    new = _read(manifest, workload.pod_start, workload.rollout)
    return new._replace(rollout=ordered(new.rollout, now))


def scaled(workload: Workload, replicas: int, now: float) -> Workload:
    """The workload with another number of replicas; writing the current number changes nothing."""
    if workload.replicas == replicas and "replicas" in workload.spec:
        return workload
    manifest = {**workload.manifest, "spec": {**workload.spec, "replicas": replicas}}
    return workload._replace(manifest=manifest, replicas=replicas, rollout=ordered(workload.rollout, now))


def with_node_selector(workload: Workload, selector: Mapping[str, Any], now: float) -> Workload:
    template = workload.pod_template
    pod = {**as_mapping(template.get("spec")), "nodeSelector": dict(selector)}
    if not selector:
        del pod["nodeSelector"]
    spec = {**workload.spec, "template": {**template, "spec": pod}}
    return changed(workload, {**workload.manifest, "spec": spec}, now)


def advanced_to(workload: Workload, now: float) -> Workload:
    """The workload with its pods at a second."""
    rollout = moved(workload.rollout, _wanted(workload), now)
    return workload if rollout is workload.rollout else workload._replace(rollout=rollout)


def at_rest(workload: Workload, pod_start: float) -> Workload:
    """The workload with all its pods available; new pods take `pod_start` to become ready."""
    wanted = _wanted(workload)
    sets = (ReplicaSet(workload.template, (AVAILABLE,) * wanted.replicas),)
    return workload._replace(pod_start=pod_start, rollout=Rollout(sets, wanted.replicas, -math.inf))


def _read(manifest: Mapping[str, Any], pod_start: float, rollout: Rollout) -> Workload:
    kind, spec = as_str(manifest.get("kind")), as_mapping(manifest.get("spec"))
    replicas = spec.get("replicas")
    return Workload(
        kind=kind,
        name=as_str(as_mapping(manifest.get("metadata")).get("name")),
        manifest=manifest,
        template=_template_name(as_mapping(spec.get("template"))),
        replicas=1 if replicas is None else min(max(0, as_int(replicas)), _MOST_PODS),
        pod_start=pod_start,
        rollout=rollout,
    )


def _template_name(template: Mapping[str, Any]) -> str:
    """The content that Flagger hashes (pkg/canary/spec.go:ComputeHash), without its own node selector."""
    pod = as_mapping(template.get("spec"))
    selector = {key: value for key, value in as_mapping(pod.get("nodeSelector")).items() if key not in SCALED_DOWN}
    return json.dumps({**template, "spec": {**pod, "nodeSelector": selector}}, sort_keys=True, default=str)


def _node_selector(manifest: Mapping[str, Any]) -> Mapping[str, Any]:
    template = as_mapping(as_mapping(manifest.get("spec")).get("template"))
    return as_mapping(as_mapping(template.get("spec")).get("nodeSelector"))


def _wanted(workload: Workload) -> Wanted:
    spec = workload.spec
    if workload.kind == "DaemonSet":
        nodes = 0 if workload.scaled_down else _NODES
        return Wanted(
            workload.template,
            nodes,
            0,
            1,
            recreate=False,
            start=_start(workload),
            deadline=math.inf,
            failing=_failing(workload),
        )
    strategy = as_mapping(spec.get("strategy"))
    rolling = as_mapping(strategy.get("rollingUpdate"))
    surge = _share(rolling.get("maxSurge", "25%"), workload.replicas, math.ceil)
    unavailable = _share(rolling.get("maxUnavailable", "25%"), workload.replicas, math.floor)
    deadline = spec.get("progressDeadlineSeconds")
    return Wanted(
        template=workload.template,
        replicas=workload.replicas,
        surge=surge,
        # deployment_util.go:ResolveFenceposts: both cannot be 0.
        unavailable=unavailable if surge or unavailable else 1,
        recreate=strategy.get("type") == "Recreate",
        start=_start(workload),
        deadline=600 if deadline is None else as_int(deadline),
        failing=_failing(workload),
    )


def _share(value: object, replicas: int, rounded: Any) -> int:
    if isinstance(value, str) and value.endswith("%"):
        try:
            return max(0, int(rounded(replicas * int(value[:-1]) / 100)))
        except ValueError:
            return 0
    return max(0, as_int(value))


def _failing(workload: Workload) -> int:
    annotations = as_mapping(as_mapping(workload.pod_template.get("metadata")).get("annotations"))
    written = as_str(annotations.get(FAILING_PODS))
    return int(written) if written.isdigit() else 0


def _start(workload: Workload) -> float:
    """Seconds until a new pod is available."""
    annotations = as_mapping(as_mapping(workload.pod_template.get("metadata")).get("annotations"))
    if annotations.get(READY) == "never":
        return math.inf
    try:
        ready = parse_duration(as_str(annotations[READY_AFTER])) if READY_AFTER in annotations else workload.pod_start
    except DurationError:
        ready = workload.pod_start
    return ready + max(0, as_int(workload.spec.get("minReadySeconds")))


def containers(template: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Containers, then init containers."""
    pod = as_mapping(template.get("spec"))
    return [as_mapping(each) for kind in ("containers", "initContainers") for each in as_list(pod.get(kind))]
