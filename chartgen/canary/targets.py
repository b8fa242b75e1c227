"""The workload that a Canary manages, chosen from those that the chart renders and that the provider can shift."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.canary.survey import has_name, own_manifests, template_path
from chartgen.errors import ConflictError, UsageError
from chartgen.flagger.canary import KNATIVE_API
from chartgen.rules.reading.neighbours import is_knative

if TYPE_CHECKING:
    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering

WORKLOADS = ("Deployment", "DaemonSet")
KNATIVE = "knative"
_OTHER_WORKLOADS = ("StatefulSet", "Rollout", "Job", "CronJob", "ReplicaSet", "Pod")


def described(target: Manifest) -> str:
    """`Deployment web`, `Knative Service web`."""
    return f"{'Knative ' if is_knative(target) else ''}{target.kind} {target.name}"


def possible_targets(rendering: Rendering, provider: str) -> list[Manifest]:
    """The workloads of the chart that a Canary of this provider can manage (controller.go:verifyKnativeCanary)."""
    if provider == KNATIVE:
        return [service for service in _knative_services(rendering) if service.api_version == KNATIVE_API]
    return own_manifests(rendering, *WORKLOADS)


def choose_target(rendering: Rendering, name: str | None, provider: str) -> Manifest:
    """The workload called `name`, or the only one of the chart, that `provider` can manage.

    Raises ConflictError if the chart renders none or several, UsageError if it renders none of this name.
    """
    workloads = possible_targets(rendering, provider)
    names = ", ".join(sorted(manifest.name for manifest in workloads))
    if name is None:
        if len(workloads) == 1:
            return workloads[0]
        if not workloads:
            raise ConflictError([_no_knative_service(rendering) if provider == KNATIVE else _no_workload(rendering)])
        raise ConflictError([f"the chart renders {len(workloads)} workloads: {names}. Choose one with --target NAME"])
    matches = [manifest for manifest in workloads if has_name(manifest, name, rendering.request.release_name)]
    if matches[1:]:
        kinds = " and ".join(sorted({manifest.kind for manifest in matches}))
        raise UsageError(
            f"--target {name}: the chart renders {len(matches)} workloads of this name ({kinds})",
            hint="rename one of them, or set values with -f or --set that render only one",
        )
    if not matches:
        raise UsageError(
            f"--target {name}: {_why_no_target(rendering, name, provider)}",
            hint=f"choose one of {names}" if names else "set values with -f or --set that render it",
        )
    return matches[0]


def _why_no_target(rendering: Rendering, name: str, provider: str) -> str:
    release = rendering.request.release_name
    named = [manifest for manifest in rendering.manifests if has_name(manifest, name, release)]
    for manifest in named:
        if manifest.kind in WORKLOADS and "/charts/" in manifest.template:
            return (
                f"{manifest.kind} {manifest.name} is part of the subchart {_subchart_of(manifest)}."
                " Run add-canary on that chart"
            )
        if manifest.kind in WORKLOADS and provider == KNATIVE:
            return f"{_not_by_knative(manifest)}. Choose another --provider"
        if manifest.kind in WORKLOADS:
            return f"{manifest.kind} {manifest.name} is a Helm hook, which Flagger can't manage"
    for manifest in named:
        if is_knative(manifest):
            return _old_api(manifest) if provider == KNATIVE else _only_by_knative(manifest)
        if manifest.kind in _OTHER_WORKLOADS:
            return f"{manifest.name} is a {manifest.kind}. Flagger manages only Deployments and DaemonSets"
    kinds = "Knative Service" if provider == KNATIVE else "Deployment or DaemonSet"
    return f"the chart renders no {kinds} of this name"


def _knative_services(rendering: Rendering) -> list[Manifest]:
    return [service for service in own_manifests(rendering, "Service") if is_knative(service)]


def _no_knative_service(rendering: Rendering) -> str:
    old = _knative_services(rendering)
    if old:
        return _old_api(old[0])
    others = own_manifests(rendering, *WORKLOADS)
    instead = f"{_not_by_knative(others[0])}. Choose another --provider, or" if others else "To change that,"
    return (
        f"the chart renders no Knative Service ({KNATIVE_API}) of its own, which --provider knative needs. {instead}"
        " set the values that render one with -f or --set"
    )


def _not_by_knative(workload: Manifest) -> str:
    return f"{described(workload)} can't be the target of provider knative, which shifts traffic between revisions"


def _only_by_knative(service: Manifest) -> str:
    return f"{described(service)} can only be the target of provider knative. Add --provider knative"


def _old_api(service: Manifest) -> str:
    """That Flagger doesn't know this version (pkg/apis/flagger/v1beta1/canary.go:IsKnativeService)."""
    return (
        f"{template_path(service)}: {described(service)} has apiVersion {service.api_version}, and Flagger manages"
        f" {KNATIVE_API} only. Change it there"
    )


def _subchart_of(manifest: Manifest) -> str:
    """The name of the innermost subchart that the manifest is part of."""
    return manifest.template.rsplit("/charts/", 1)[1].split("/", 1)[0]


def _no_workload(rendering: Rendering) -> str:
    knative = _knative_services(rendering)
    if knative:
        return f"the chart renders no Deployment or DaemonSet of its own: {_only_by_knative(knative[0])}"
    others = sorted({manifest.kind for manifest in own_manifests(rendering, *_OTHER_WORKLOADS)})
    from_subcharts = [manifest for manifest in rendering.of_kind(*WORKLOADS) if "/charts/" in manifest.template]
    if from_subcharts and not others:
        return (
            f"the chart has no Deployment or DaemonSet of its own: {from_subcharts[0].name} is part of its subchart"
            f" {_subchart_of(from_subcharts[0])}. Run add-canary on that chart"
        )
    only = f", only {', '.join(others)}" if others else ""
    return (
        f"the chart renders no Deployment or DaemonSet of its own{only}. Flagger can't manage other workloads; if"
        " values choose the kind of workload, set them with -f or --set"
    )
