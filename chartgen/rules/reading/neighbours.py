"""The objects around a Canary in the same release: its target, Services, autoscalers, routes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.flagger.canary import as_list
from chartgen.flagger.names import chosen_label

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from chartgen.manifests.manifest import Manifest, Route
    from chartgen.manifests.rendering import Rendering
    from chartgen.rules.reading.canary import Canary

WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "ReplicaSet", "Pod")
# Old API versions, which default the selector to the pods' labels.
_DEFAULTING = ("extensions/v1beta1", "apps/v1beta1")
SCALERS = ("HorizontalPodAutoscaler", "ScaledObject")


def in_same_namespace(manifest: Manifest, rendering: Rendering, *kinds: str) -> Iterator[Manifest]:
    """The objects of these kinds in the manifest's namespace."""
    home = namespace_of(manifest, rendering)
    return (each for each in rendering.of_kind(*kinds) if namespace_of(each, rendering) == home)


def namespace_of(manifest: Manifest, rendering: Rendering) -> str:
    """The namespace that an object is created in."""
    return manifest.namespace or rendering.request.namespace


def target_of(canary: Canary, rendering: Rendering) -> Manifest | None:
    """The workload the Canary manages, None if the release renders none of that kind and name."""
    workloads = in_same_namespace(canary.manifest, rendering, canary.target_kind)
    return next((each for each in workloads if each.name == canary.target and not is_knative(each)), None)


def is_knative(manifest: Manifest) -> bool:
    return manifest.api_version.startswith("serving.knative.dev/")


def labels_of(document: Any) -> Mapping[str, Any]:
    """A map of labels, empty for anything else."""
    return document if isinstance(document, dict) else {}


def pod_route(workload: Manifest) -> Route:
    """The route of the pod template."""
    if workload.kind == "CronJob":
        return ("spec", "jobTemplate", "spec", "template")
    return () if workload.kind == "Pod" else ("spec", "template")


def pod_labels(workload: Manifest) -> Mapping[str, Any]:
    """The labels of a workload's pods."""
    return labels_of(workload.get((*pod_route(workload), "metadata", "labels")))


def containers(workload: Manifest) -> list[tuple[Route, Mapping[str, Any]]]:
    """The pods' containers (not the init ones), each with its route."""
    at = (*pod_route(workload), "spec", "containers")
    return [((*at, index), body) for index, body in enumerate(as_list(workload.get(at))) if isinstance(body, dict)]


def selector_label(target: Manifest, names: Sequence[str]) -> tuple[str, str] | None:
    """The one label Flagger uses, key and value (deployment_controller.go:getSelectorLabel)."""
    labels = labels_of(target.get(("spec", "selector", "matchLabels")))
    if target.get(("spec", "selector")) is None and target.api_version in _DEFAULTING:
        labels = pod_labels(target)
    return chosen_label(labels, names)


def selects(selector: Any, labels: Mapping[str, Any]) -> bool:
    """Whether a map of equality labels selects pods with these labels; an empty one selects nothing here."""
    return (
        isinstance(selector, dict)
        and bool(selector)
        and all(labels.get(key) == value for key, value in selector.items())
    )


def scalers_of(canary: Canary, rendering: Rendering) -> Iterator[Manifest]:
    """HPAs and ScaledObjects that scale the Canary's target."""
    for scaler in in_same_namespace(canary.manifest, rendering, *SCALERS):
        ref = scaler.get(("spec", "scaleTargetRef"), {})
        kind = str(ref.get("kind") or "Deployment") if isinstance(ref, dict) else ""
        if isinstance(ref, dict) and ref.get("name") == canary.target and kind == canary.target_kind:
            yield scaler


def ports_of(service: Manifest) -> list[tuple[int, Mapping[str, Any]]]:
    """The ports of a Service with their index."""
    return [
        (index, port) for index, port in enumerate(as_list(service.get(("spec", "ports")))) if isinstance(port, dict)
    ]


def container_ports(target: Manifest) -> list[Mapping[str, Any]]:
    """All declared ports of the pods' containers."""
    return [
        port
        for _, container in containers(target)
        for port in as_list(container.get("ports"))
        if isinstance(port, dict)
    ]


def ingress_backends(ingress: Manifest) -> Iterator[tuple[Route, str]]:
    """Route and Service name of each backend of an Ingress, in both API shapes."""
    for at, backend in _backends(ingress):
        service = backend.get("service")
        if isinstance(service, dict) and service.get("name"):
            yield (*at, "service", "name"), str(service["name"])
        elif backend.get("serviceName"):
            yield (*at, "serviceName"), str(backend["serviceName"])


def _backends(ingress: Manifest) -> Iterator[tuple[Route, Mapping[str, Any]]]:
    for name in ("defaultBackend", "backend"):
        default = ingress.get(("spec", name))
        if isinstance(default, dict):
            yield ("spec", name), default
    for index, _ in enumerate(as_list(ingress.get(("spec", "rules")))):
        at: Route = ("spec", "rules", index, "http", "paths")
        for number, path in enumerate(as_list(ingress.get(at))):
            if isinstance(path, dict) and isinstance(path.get("backend"), dict):
                yield (*at, number, "backend"), path["backend"]
