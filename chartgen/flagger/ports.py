"""Which container ports Flagger's Services get (pkg/canary/util.go, pkg/router/kubernetes_default.go)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chartgen.flagger.canary import as_int, as_list, as_mapping, as_str

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# pkg/canary/util.go:sidecars
_SIDECARS = frozenset({"istio-proxy", "envoy"})


@dataclass(frozen=True, slots=True)
class ContainerPort:
    """A declared port: the `index`th of the `container`th container; `name` is empty if it has none."""

    container: int
    index: int
    name: str
    number: int


def target_port(service: Mapping[str, Any]) -> int | str:
    """The port of the pods behind `spec.service`: `targetPort`, or `port` if that is missing, 0 or "0"."""
    given = service.get("targetPort")
    if isinstance(given, str):
        return as_int(service.get("port")) if given == "0" else given
    return as_int(given) or as_int(service.get("port"))


def app_ports(containers: object) -> Iterator[ContainerPort]:
    """The declared ports of `containers`, without the mesh's sidecars."""
    for number, container in enumerate(map(as_mapping, as_list(containers))):
        if container.get("name") not in _SIDECARS:
            for index, port in enumerate(map(as_mapping, as_list(container.get("ports")))):
                yield ContainerPort(number, index, as_str(port.get("name")), as_int(port.get("containerPort")))


def discovered_ports(service: Mapping[str, Any], containers: object) -> dict[str, ContainerPort]:
    """What `portDiscovery` adds (getPorts): port name in the Service → container port; of duplicate names, the last."""
    own = target_port(service)
    return {
        port.name or f"tcp-{as_str(as_mapping(as_list(containers)[port.container]).get('name'))}-{port.index}": port
        for port in app_ports(containers)
        if own != (port.name if isinstance(own, str) else port.number)
    }
