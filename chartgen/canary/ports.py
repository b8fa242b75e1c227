"""The port that the Canary serves, and the fields of the chart that define it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chartgen.canary.survey import is_tcp, tcp_ports
from chartgen.errors import ConflictError
from chartgen.flagger.ports import app_ports, discovered_ports
from chartgen.rules.reading.neighbours import is_knative

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.canary.survey import Surroundings
    from chartgen.manifests.manifest import Manifest, Route

# Keys of the Canary's `spec.service` and the matching keys of a Service's port.
_CONTAINERS: Route = ("spec", "template", "spec", "containers")
_FIELDS = {"port": "port", "targetPort": "targetPort", "portName": "name", "appProtocol": "appProtocol"}

# Where Knative serves every app. Flagger doesn't read it, but the CRD requires a port.
_KNATIVE_PORT = 80
# Keys that describe the same entry of the Service as `port`, each optional.
BESIDE_PORT = ("targetPort", "portName")


@dataclass(frozen=True, slots=True)
class PortField:
    """One field of the Canary's `spec.service`: its key, and the manifest and route that hold its value now.

    `of_service` is True for a field of the Service, False for one of the target.
    """

    key: str
    manifest: Manifest
    route: Route
    of_service: bool

    @property
    def path(self) -> str:
        """The route as people write it: `spec.ports.0.port`."""
        return ".".join(str(step) for step in self.route)

    def value_in(self, surroundings: Surroundings) -> Any:
        """The value in another rendering of the chart, None if the object isn't rendered there."""
        manifest = surroundings.service if self.of_service else surroundings.target
        return manifest.get(self.route) if manifest else None


@dataclass(frozen=True, slots=True)
class PortChoice:
    """The port of the Service that the Canary serves.

    `index` is its position in the Service's ports, `discovery` whether the Canary uses portDiscovery, and `lost` labels
    further ports that Flagger can't keep. `constant` is the port where the chart has no field for it.
    """

    fields: tuple[PortField, ...]
    index: int
    discovery: bool
    lost: tuple[str, ...]
    constant: int | None = None


def choose_port(surroundings: Surroundings, *, v1alpha2: bool) -> PortChoice:
    """The port users call. A v1alpha2 Canary has one number for callers and containers: that of the container."""
    service = surroundings.service
    if is_knative(surroundings.target):
        return PortChoice((), 0, discovery=False, lost=(), constant=_KNATIVE_PORT)
    if service is None or v1alpha2:
        return PortChoice((_container_port_field(surroundings, v1alpha2=v1alpha2),), 0, discovery=False, lost=())
    index, *further = tcp_ports(service)
    fields = tuple(
        PortField(key, service, ("spec", "ports", index, field), of_service=True)
        for key, field in _FIELDS.items()
        if service.get(("spec", "ports", index, field)) is not None
    )
    if not further:
        return PortChoice(fields, index, discovery=False, lost=())
    discovered = _discovered_ports(surroundings, index)
    lost = [
        _label(service, other) for other in further if not _is_kept(service, other, surroundings.target, discovered)
    ]
    collides = _collides(service, index, discovered)
    return PortChoice(fields, index, discovery=bool(discovered) and not collides, lost=tuple(lost))


def _container_port_field(surroundings: Surroundings, *, v1alpha2: bool) -> PortField:
    """The container port behind the Service, or the first TCP port of the containers without a Service."""
    service, target = surroundings.service, surroundings.target
    target_port: Any = None
    if service is not None and v1alpha2:
        index = tcp_ports(service)[0]
        port = service.get(("spec", "ports", index)) or {}
        target_port = port.get("targetPort") or port.get("port")
        if isinstance(target_port, int):
            field = "targetPort" if port.get("targetPort") else "port"
            return PortField("port", service, ("spec", "ports", index, field), of_service=True)
    for route, port in container_ports(target):
        if is_tcp(port) and (target_port is None or target_port == port.get("name")):
            return PortField("port", target, (*route, "containerPort"), of_service=False)
    raise ConflictError(
        [f"{target.kind} {target.name} has no Service and declares no TCP container port for Flagger to serve"],
        hint="declare a containerPort in the pod template, then run again",
    )


def container_ports(target: Manifest) -> Iterator[tuple[Route, dict[str, Any]]]:
    """The declared ports of the target's containers with their routes, without those of mesh sidecars."""
    for port in app_ports(target.get(_CONTAINERS)):
        route = (*_CONTAINERS, port.container, "ports", port.index)
        yield route, target.get(route)


def _discovered_ports(surroundings: Surroundings, index: int) -> dict[int, str]:
    """Number and name of the ports that `portDiscovery` would add to the Services."""
    assert surroundings.service is not None
    main = surroundings.service.get(("spec", "ports", index)) or {}
    found = discovered_ports(main, surroundings.target.get(_CONTAINERS))
    return {port.number: name for name, port in found.items()}


def _is_kept(service: Manifest, index: int, target: Manifest, discovered: dict[int, str]) -> bool:
    """Whether port discovery keeps this port of the Service: the container listens on the same number."""
    port = service.get(("spec", "ports", index)) or {}
    number = port.get("port")
    target_port = port.get("targetPort", number)
    numbers = {str(declared.get("name")): declared.get("containerPort") for _, declared in container_ports(target)}
    return number in discovered and numbers.get(str(target_port), target_port) == number


def _collides(service: Manifest, index: int, discovered: dict[int, str]) -> bool:
    """Whether a discovered port has the number or name of the main one: the API server rejects such a Service."""
    main = service.get(("spec", "ports", index)) or {}
    return main.get("port") in discovered or str(main.get("name") or "http") in discovered.values()


def _label(service: Manifest, index: int) -> str:
    port = service.get(("spec", "ports", index)) or {}
    return f"{port.get('name') or 'port'} {port.get('port')}"
