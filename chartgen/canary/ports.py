"""Which of the app's ports the Canary serves, and where the chart says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chartgen.canary.survey import is_tcp, tcp_ports
from chartgen.errors import ConflictError
from chartgen.flagger.ports import app_ports, discovered_ports

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.canary.survey import Surroundings
    from chartgen.manifests.manifest import Manifest, Route

# Keys of the Canary's `spec.service`, and what a Service's port calls the same.
_CONTAINERS: Route = ("spec", "template", "spec", "containers")
_FIELDS = {"port": "port", "targetPort": "targetPort", "portName": "name", "appProtocol": "appProtocol"}


@dataclass(frozen=True, slots=True)
class PortField:
    """One field of `spec.service`: its key and where the chart renders its value today."""

    key: str
    manifest: Manifest
    route: Route
    of_service: bool

    @property
    def told(self) -> str:
        return ".".join(str(step) for step in self.route)

    def value_in(self, around: Surroundings) -> Any:
        """The value in another rendering of the chart, None where the object is not there."""
        manifest = around.service if self.of_service else around.target
        return manifest.get(self.route) if manifest else None


@dataclass(frozen=True, slots=True)
class PortChoice:
    """The chosen port. `index` is its place in the Service, `lost` says which further ports Flagger cannot keep."""

    places: tuple[PortField, ...]
    index: int
    discovery: bool
    lost: tuple[str, ...]


def choose(around: Surroundings, *, v1alpha2: bool) -> PortChoice:
    """The port users call. `v1alpha2`: v1alpha2 knows one number, for callers and containers alike."""
    service = around.service
    if service is None or v1alpha2:
        return PortChoice((_container_place(around, v1alpha2=v1alpha2),), 0, discovery=False, lost=())
    index, *further = tcp_ports(service)
    places = tuple(
        PortField(key, service, ("spec", "ports", index, field), of_service=True)
        for key, field in _FIELDS.items()
        if service.get(("spec", "ports", index, field)) is not None
    )
    if not further:
        return PortChoice(places, index, discovery=False, lost=())
    discovered = _discovered(around, index)
    lost = [_told(service, other) for other in further if not _is_kept(service, other, around.target, discovered)]
    collides = _collides(service, index, discovered)
    return PortChoice(places, index, discovery=bool(discovered) and not collides, lost=tuple(lost))


def _container_place(around: Surroundings, *, v1alpha2: bool) -> PortField:
    """The container port behind the Service, or the first one where there is none."""
    service, target = around.service, around.target
    wanted: Any = None
    if service is not None and v1alpha2:
        index = tcp_ports(service)[0]
        port = service.get(("spec", "ports", index)) or {}
        wanted = port.get("targetPort") or port.get("port")
        if isinstance(wanted, int):
            field = "targetPort" if port.get("targetPort") else "port"
            return PortField("port", service, ("spec", "ports", index, field), of_service=True)
    for route, port in container_ports(target):
        if is_tcp(port) and (wanted is None or wanted == port.get("name")):
            return PortField("port", target, (*route, "containerPort"), of_service=False)
    raise ConflictError(
        [f"{target.kind} {target.name} has no Service in front of it and declares no TCP container port"],
        hint="Flagger makes a Service for the canary and needs a port: declare one in the pod template",
    )


def container_ports(target: Manifest) -> Iterator[tuple[Route, dict[str, Any]]]:
    """The declared ports of the target's containers with their routes, sidecars of the mesh left out."""
    for port in app_ports(target.get(_CONTAINERS)):
        route = (*_CONTAINERS, port.container, "ports", port.index)
        yield route, target.get(route)


def _discovered(around: Surroundings, index: int) -> dict[int, str]:
    """Number and name of the ports `portDiscovery` would add to the Services."""
    assert around.service is not None
    main = around.service.get(("spec", "ports", index)) or {}
    found = discovered_ports(main, around.target.get(_CONTAINERS))
    return {port.number: name for name, port in found.items()}


def _is_kept(service: Manifest, index: int, target: Manifest, discovered: dict[int, str]) -> bool:
    """Whether discovery gives callers this port as it is: the container listens on the same number."""
    port = service.get(("spec", "ports", index)) or {}
    number = port.get("port")
    to = port.get("targetPort", number)
    names = {str(declared.get("name")): declared.get("containerPort") for _, declared in container_ports(target)}
    return number in discovered and names.get(str(to), to) == number


def _collides(service: Manifest, index: int, discovered: dict[int, str]) -> bool:
    """Whether a discovered port has the number or the name of the main one: the API server refuses that Service."""
    main = service.get(("spec", "ports", index)) or {}
    return main.get("port") in discovered or str(main.get("name") or "http") in discovered.values()


def _told(service: Manifest, index: int) -> str:
    port = service.get(("spec", "ports", index)) or {}
    return f"{port.get('name') or 'port'} {port.get('port')}"
