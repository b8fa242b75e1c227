"""The workload a Canary manages, its Services and autoscalers, and manifests that conflict with the Canary.

All of it is read from a chart rendered by Helm.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from chartgen.errors import UsageError
from chartgen.rules.reading.neighbours import is_knative

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chartgen.canary.providers.setup import RouteKind
    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering

SCALERS = ("HorizontalPodAutoscaler", "ScaledObject")
# What the user's requests pass: objects that must include the route of Flagger for some providers, and Ingresses.
ROOT_KINDS = ("HTTPProxy", "IngressRoute", "VirtualService", "Ingress")
_HTTP_NAMES = ("http", "web", "http-web", "https", "grpc")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The target of a Canary in one rendering, with the objects that belong to it.

    `service` is the Service that Flagger takes over, None if there is none; `others` are further Services that select
    the target's pods. `scalers` are its autoscalers, `routes` the objects of `route_kind` that send requests to it,
    `siblings` the names of the other workloads of its kind that its template renders.
    """

    target: Manifest
    service: Manifest | None
    others: tuple[Manifest, ...]
    scalers: tuple[Manifest, ...]
    siblings: frozenset[str] = frozenset()
    route_kind: RouteKind | None = None
    routes: tuple[Manifest, ...] = ()

    @property
    def apex(self) -> str:
        """The name of the Service through which Flagger serves the app: the chart's own, or the target's name."""
        return self.service.name if self.service else self.target.name


def own_manifests(rendering: Rendering, *kinds: str) -> list[Manifest]:
    """Manifests of these kinds from the chart's own templates, without subcharts and hooks."""
    prefix = f"{rendering.chart.name}/templates/"
    return [
        manifest
        for manifest in rendering.of_kind(*kinds)
        if manifest.template.startswith(prefix)
        and "helm.sh/hook" not in (manifest.get(("metadata", "annotations")) or {})
    ]


def is_called(full_name: str, name: str, release_name: str) -> bool:
    """Whether a user means the object by `name`: the release's name before it can be left out."""
    return name in {full_name, full_name.removeprefix(f"{release_name}-")}


def has_name(manifest: Manifest, name: str, release_name: str) -> bool:
    """Whether a user means the manifest by `name`."""
    return is_called(manifest.name, name, release_name)


def surroundings_of(
    rendering: Rendering, target: Manifest, route_kind: RouteKind | None = None, wanted: str | None = None
) -> Surroundings:
    """The Services, autoscalers, and routes of `target` in `rendering`.

    The Service called `wanted` is served, if it is one of them.
    """
    services = _services_of(rendering, target)
    release = rendering.request.release_name
    services.sort(key=lambda service: (not (wanted and has_name(service, wanted, release)), *_rank(service, target)))
    scalers = [scaler for scaler in own_manifests(rendering, *SCALERS) if _scales(scaler, target)]
    main = services[0] if services and _can_be_apex(services[0]) else None
    others = tuple(service for service in services if service is not main)
    siblings = {other.name for other in _of_same_template(rendering, target)} - {target.name}
    return _with_routes(Surroundings(target, main, others, tuple(scalers), frozenset(siblings), route_kind), rendering)


def _services_of(rendering: Rendering, target: Manifest) -> list[Manifest]:
    """The Services that select the target's pods; none for a Knative Service, which Knative itself serves."""
    return [
        service
        for service in (() if is_knative(target) else own_manifests(rendering, "Service"))
        if service.body.get("spec") and shares_namespace(service, target, rendering) and selects(service, target)
    ]


def _with_routes(surroundings: Surroundings, rendering: Rendering) -> Surroundings:
    """The surroundings with the routes to the Service that Flagger takes over."""
    kind, target = surroundings.route_kind, surroundings.target
    routes = [
        route
        for route in (own_manifests(rendering, kind.kind) if kind else ())
        if kind and surroundings.apex in kind.backends(route) and shares_namespace(route, target, rendering)
    ]
    return replace(surroundings, routes=tuple(routes))


def find_surroundings(rendering: Rendering, surroundings: Surroundings) -> Surroundings | None:
    """The surroundings of the same target in another rendering, with the same Service; None without the target."""
    target = find_target(rendering, surroundings.target, surroundings.siblings)
    if target is None:
        return None
    found = surroundings_of(rendering, target, surroundings.route_kind)
    services = [service for service in (found.service, *found.others) if service]
    template = surroundings.service.template if surroundings.service else None
    same = [service for service in services if service.template == template]
    wanted = surroundings.service.name if surroundings.service else ""
    same.sort(key=lambda service: service.name != wanted)
    exact = bool(same) and same[0].name == wanted
    main = found.service if found.service in same and not exact else next(iter(same), None)
    others = tuple(service for service in services if service is not main)
    return _with_routes(replace(found, service=main, others=others), rendering)


def find_target(rendering: Rendering, target: Manifest, siblings: frozenset[str] = frozenset()) -> Manifest | None:
    """The same workload in another rendering of the chart: same template, kind, and name, or position among those.

    `siblings` are the names of other workloads of the template.
    """
    candidates = [other for other in _of_same_template(rendering, target) if other.name not in siblings]
    same_name = [manifest for manifest in candidates if manifest.name == target.name]
    exact = same_name or [manifest for manifest in candidates if manifest.document == target.document]
    return exact[0] if exact else (candidates[0] if len(candidates) == 1 else None)


def _of_same_template(rendering: Rendering, target: Manifest) -> list[Manifest]:
    return [
        other
        for other in own_manifests(rendering, target.kind)
        if other.template == target.template and is_knative(other) == is_knative(target)
    ]


def tcp_ports(service: Manifest) -> list[int]:
    """Indexes of the Service's TCP ports, ports with an HTTP name first."""
    ports = service.get(("spec", "ports")) or []
    indexes = [index for index, port in enumerate(ports) if isinstance(port, dict) and is_tcp(port)]
    return sorted(indexes, key=lambda index: str(ports[index].get("name", "")) not in _HTTP_NAMES)


def is_tcp(port: Mapping[str, Any]) -> bool:
    """Whether a port of a Service or container is TCP, the API server's default for a missing or null protocol."""
    return (port.get("protocol") or "TCP") == "TCP"


def selects(service: Manifest, target: Manifest) -> bool:
    """Whether the Service's selector fits the target's pods; an empty one selects nothing."""
    selector = service.get(("spec", "selector")) or {}
    labels = target.get(("spec", "template", "metadata", "labels")) or {}
    return bool(selector) and all(labels.get(key) == value for key, value in selector.items())


def _can_be_apex(service: Manifest) -> bool:
    return service.get(("spec", "type")) != "ExternalName" and bool(tcp_ports(service))


def require_service(rendering: Rendering, surroundings: Surroundings, wanted: str) -> None:
    """Raise UsageError unless the served Service is the one that --service names."""
    services = [service for service in (surroundings.service, *surroundings.others) if service]
    release = rendering.request.release_name
    if surroundings.service is None or not has_name(surroundings.service, wanted, release):
        names = ", ".join(sorted(service.name for service in services if tcp_ports(service)))
        target = f"{surroundings.target.kind} {surroundings.target.name}"
        raise UsageError(
            f"--service {wanted}: no Service of this name with a TCP port selects the pods of {target}",
            hint=f"choose one of {names}" if names else "leave it out: Flagger creates a Service",
        )


def _rank(service: Manifest, target: Manifest) -> tuple[bool, bool, bool, bool, bool]:
    """A sort key: the Service that users call first; Services without ports, headless, and for metrics last.

    Then one whose ports Flagger's port discovery can't carry beside another Service's: callers would lose them.
    """
    ports = service.get(("spec", "ports")) or []
    names = {str(port.get("name", "")) for port in ports if isinstance(port, dict)}
    only_metrics = bool(names) and all("metrics" in name or "prometheus" in name for name in names)
    headless = service.get(("spec", "clusterIP")) == "None"
    return (not tcp_ports(service), headless, only_metrics, _is_carried(service, target), service.name != target.name)


def _is_carried(service: Manifest, target: Manifest) -> bool:
    """Whether the containers listen on each TCP port's own number, as port discovery would publish it."""
    containers = target.get(("spec", "template", "spec", "containers")) or []
    declared = [port for each in containers if isinstance(each, dict) for port in each.get("ports") or []]
    numbers = {port.get("containerPort") for port in declared if isinstance(port, dict)}
    names = {port.get("name"): port.get("containerPort") for port in declared if isinstance(port, dict)}
    for index in tcp_ports(service):
        port = service.get(("spec", "ports", index)) or {}
        to = port.get("targetPort") or port.get("port")
        if names.get(to, to) != port.get("port") or port.get("port") not in numbers:
            return False
    return True


def _scales(scaler: Manifest, target: Manifest) -> bool:
    reference = scaler.get(("spec", "scaleTargetRef")) or {}
    kind = reference.get("kind") or "Deployment"
    return bool(scaler.name and kind == target.kind and reference.get("name") == target.name)


def shares_namespace(manifest: Manifest, target: Manifest, rendering: Rendering) -> bool:
    """Whether both are in the same namespace, which is the release's if they don't name one."""
    release_namespace = rendering.request.namespace
    return (manifest.namespace or release_namespace) == (target.namespace or release_namespace)


def template_path(manifest: Manifest) -> str:
    """The template file below the chart that renders the manifest."""
    return manifest.template.split("/", 1)[1] if "/" in manifest.template else manifest.template
