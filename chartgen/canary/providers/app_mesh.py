"""AWS App Mesh: with its v1beta1 API, the Canary names the mesh (pkg/router/appmesh.go)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.canary.options import AddCanaryOptions
    from chartgen.canary.providers.setup import RouteKind


@dataclass(frozen=True, slots=True)
class AppMeshSetup:
    names: tuple[str, ...] = ("appmesh",)
    route_kind: RouteKind | None = None

    def problems(self, options: AddCanaryOptions) -> Iterator[str]:
        if not options.mesh_name:
            yield "--provider appmesh needs the name of the mesh. Add --mesh-name NAME, or use appmesh:v1beta2"

    def service_values(self, options: AddCanaryOptions) -> dict[str, Any]:
        return {"meshName": options.mesh_name}


SETUPS = (AppMeshSetup(),)
