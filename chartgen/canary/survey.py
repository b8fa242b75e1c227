"""What stands in a chart around the workload a Canary shall manage: Service, autoscalers, and what is in the way.

Everything is read from a rendering by Helm; `origin` then says which template lines made it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from chartgen.errors import ConflictError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering

WORKLOADS = ("Deployment", "DaemonSet")
SCALERS = ("HorizontalPodAutoscaler", "ScaledObject")
_ROUTES = ("VirtualService", "HTTPRoute", "DestinationRule")
_HTTP_NAMES = ("http", "web", "http-web", "https", "grpc")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """One rendering seen from its canary target. `service` is the one in front of it, `others` further ones."""

    target: Manifest
    service: Manifest | None
    others: tuple[Manifest, ...]
    scalers: tuple[Manifest, ...]

    @property
    def apex(self) -> str:
        """The name under which Flagger serves the app: the chart's own Service's, else the target's."""
        return self.service.name if self.service else self.target.name


def own(rendering: Rendering, *kinds: str) -> list[Manifest]:
    """Manifests of these kinds from the chart's own templates, not from a subchart's, hooks left out."""
    prefix = f"{rendering.chart.name}/templates/"
    return [
        manifest
        for manifest in rendering.of_kind(*kinds)
        if manifest.template.startswith(prefix)
        and "helm.sh/hook" not in (manifest.get(("metadata", "annotations")) or {})
    ]


def choose_target(rendering: Rendering, wanted: str | None) -> Manifest:
    """The Deployment or DaemonSet to manage; UsageError names the choices where it is not clear."""
    workloads = own(rendering, *WORKLOADS)
    names = ", ".join(sorted(manifest.name for manifest in workloads))
    if wanted is None:
        if len(workloads) == 1:
            return workloads[0]
        if not workloads:
            raise ConflictError([_no_workload(rendering)], hint="Flagger manages Deployments and DaemonSets only")
        raise ConflictError(
            [f"the chart renders {len(workloads)} workloads: {names}"], hint="choose one with --target NAME"
        )
    matches = [manifest for manifest in workloads if _is_called(manifest, wanted, rendering.request.release_name)]
    if len(matches) != 1:
        raise UsageError(
            f"--target {wanted}: the chart renders no Deployment or DaemonSet of that name",
            hint=f"it renders: {names}" if names else "it renders none with these values",
        )
    return matches[0]


def _is_called(manifest: Manifest, wanted: str, release_name: str) -> bool:
    return wanted in {manifest.name, manifest.name.removeprefix(f"{release_name}-")}


def _no_workload(rendering: Rendering) -> str:
    below = [manifest for manifest in rendering.of_kind(*WORKLOADS) if "/charts/" in manifest.template]
    if below:
        subchart = below[0].template.split("/charts/", 1)[1].split("/", 1)[0]
        return (
            f"the chart renders no Deployment or DaemonSet of its own; {below[0].name} comes from its subchart"
            f" {subchart}: run add-canary on that chart"
        )
    others = sorted({manifest.kind for manifest in own(rendering, "StatefulSet", "Rollout", "Job", "CronJob")})
    return f"the chart renders no Deployment or DaemonSet{' (only ' + ', '.join(others) + ')' if others else ''}"


def look_around(rendering: Rendering, target: Manifest) -> Surroundings:
    """The Services and autoscalers of `target` in `rendering`."""
    services = [
        service
        for service in own(rendering, "Service")
        if service.body.get("spec") and _is_beside(service, target, rendering) and _selects(service, target)
    ]
    services.sort(key=lambda service: _distance(service, target))
    scalers = [scaler for scaler in own(rendering, *SCALERS) if _scales(scaler, target)]
    front = services[0] if services and _is_front(services[0]) else None
    others = tuple(service for service in services if service is not front)
    return Surroundings(target, front, others, tuple(scalers))


def find_surroundings(rendering: Rendering, known: Surroundings) -> Surroundings | None:
    """The same target in another rendering, with the same Service in front where it is rendered; None without it."""
    target = find_again(rendering, known.target)
    if target is None:
        return None
    around = look_around(rendering, target)
    services = [service for service in (around.service, *around.others) if service]
    same = [service for service in services if known.service and service.template == known.service.template]
    front = around.service if around.service in same else next(iter(same), None)
    return replace(around, service=front, others=tuple(service for service in services if service is not front))


def find_again(rendering: Rendering, target: Manifest) -> Manifest | None:
    """The same workload in another rendering of the chart: same template, kind and place among those."""
    candidates = [manifest for manifest in own(rendering, target.kind) if manifest.template == target.template]
    exact = [manifest for manifest in candidates if manifest.document == target.document]
    return exact[0] if exact else (candidates[0] if len(candidates) == 1 else None)


def tcp_ports(service: Manifest) -> list[int]:
    """Indexes of the Service's TCP ports, the one meant for users first."""
    ports = service.get(("spec", "ports")) or []
    indexes = [index for index, port in enumerate(ports) if isinstance(port, dict) and is_tcp(port)]
    return sorted(indexes, key=lambda index: str(ports[index].get("name", "")) not in _HTTP_NAMES)


def _is_beside(service: Manifest, target: Manifest, rendering: Rendering) -> bool:
    released = rendering.request.namespace
    return (service.namespace or released) == (target.namespace or released)


def is_tcp(port: Mapping[str, Any]) -> bool:
    """Whether a port of a Service or container is TCP: the API server's default, for null too."""
    return (port.get("protocol") or "TCP") == "TCP"


def _selects(service: Manifest, target: Manifest) -> bool:
    selector = service.get(("spec", "selector")) or {}
    labels = target.get(("spec", "template", "metadata", "labels")) or {}
    return bool(selector) and all(labels.get(key) == value for key, value in selector.items())


def _is_front(service: Manifest) -> bool:
    return service.get(("spec", "type")) != "ExternalName" and bool(tcp_ports(service))


def _distance(service: Manifest, target: Manifest) -> tuple[bool, bool, bool, bool]:
    """How unlike the Service is to the one users call: headless, portless and metrics Services come last."""
    ports = service.get(("spec", "ports")) or []
    names = {str(port.get("name", "")) for port in ports if isinstance(port, dict)}
    only_metrics = bool(names) and all("metrics" in name or "prometheus" in name for name in names)
    headless = service.get(("spec", "clusterIP")) == "None"
    return (not tcp_ports(service), headless, only_metrics, service.name != target.name)


def _scales(scaler: Manifest, target: Manifest) -> bool:
    reference = scaler.get(("spec", "scaleTargetRef")) or {}
    kind = reference.get("kind") or "Deployment"
    return bool(scaler.name and kind == target.kind and reference.get("name") == target.name)


def canaries_in(rendering: Rendering) -> list[str]:
    """A line for each Canary the chart renders already."""
    return [
        f"{_where(manifest)}: the chart renders a Canary already ({manifest.name})"
        for manifest in rendering.of_kind("Canary")
        if manifest.api_version.startswith("flagger.app/")
    ]


def obstacles(rendering: Rendering, around: Surroundings) -> list[str]:
    """Everything rendered that a Canary under the apex name would fight with, one line each."""
    apex = around.apex
    return canaries_in(rendering) + [
        f"{_where(manifest)}: {manifest.kind} {manifest.name} routes to {apex}, which Flagger would route too"
        for manifest in rendering.of_kind(*_ROUTES)
        if manifest.name == apex or (manifest.kind == "VirtualService" and _routes_to(manifest, apex))
    ]


def _routes_to(manifest: Manifest, apex: str) -> bool:
    hosts = manifest.get(("spec", "hosts")) or []
    return any(str(host).split(".")[0] == apex for host in hosts)


def _where(manifest: Manifest) -> str:
    return manifest.template.split("/", 1)[1] if "/" in manifest.template else manifest.template
