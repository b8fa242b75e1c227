"""What a changed chart must keep to, as the proof checks it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering
    from chartgen.proof.variations import Variation


class Neighbourhood(Protocol):
    """The target, the Service in front of it and its autoscalers, in one rendering."""

    @property
    def target(self) -> Manifest: ...
    @property
    def service(self) -> Manifest | None: ...
    @property
    def scalers(self) -> tuple[Manifest, ...]: ...


@dataclass(frozen=True, slots=True)
class Promise:
    """The obligations of one plan. `namespaces` empty: every namespace is inside the gate."""

    toggle: tuple[str, str]
    namespaces: tuple[str, ...]
    variations: tuple[Variation, ...]
    surroundings: Callable[[Rendering], Any]
    port_index: int
    drops_service: bool
    api_version: str
    needs_service: bool
