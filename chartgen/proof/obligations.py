"""What the proof checks of a chart to which a canary is added."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering
    from chartgen.proof.variations import Variation


class CopiedRoute(Protocol):
    """A kind of object that the Canary names below its field `spec.<key>`."""

    @property
    def key(self) -> str: ...
    @property
    def kind(self) -> str: ...


class TargetSurroundings(Protocol):
    """The target, its Service, its autoscalers, and the routes that its provider copies, in one rendering."""

    @property
    def target(self) -> Manifest: ...
    @property
    def service(self) -> Manifest | None: ...
    @property
    def scalers(self) -> tuple[Manifest, ...]: ...
    @property
    def route_kind(self) -> CopiedRoute | None: ...
    @property
    def routes(self) -> tuple[Manifest, ...]: ...


@dataclass(frozen=True, slots=True)
class CanaryObligations:
    """The obligations of one plan.

    `toggle` is the route of the switch in the values. Empty `namespaces` means that the gate is open in every
    namespace. `surroundings` returns the TargetSurroundings in a rendering, None without the target. `port_index` is
    the position of the served port in the Service. `drops_service`: the Service isn't rendered while the canary is on.
    `drops_replicas`: nor are the target's `replicas`. `needs_service`: without the Service there is no Canary.
    `on_by_default`: the chart's values switch it on.
    `companions` are the kinds of the objects that are rendered beside the Canary.
    """

    toggle: tuple[str, str]
    namespaces: tuple[str, ...]
    variations: tuple[Variation, ...]
    surroundings: Callable[[Rendering], Any]
    port_index: int
    drops_service: bool
    api_version: str
    needs_service: bool
    companions: tuple[str, ...] = ()
    drops_replicas: bool = False
    on_by_default: bool = False
