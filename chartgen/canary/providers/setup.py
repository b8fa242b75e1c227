"""What add-canary does for one provider of Flagger, as a protocol; each provider is a module beside this one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chartgen.canary.options import AddCanaryOptions
    from chartgen.manifests.manifest import Manifest


@dataclass(frozen=True, slots=True)
class RouteKind:
    """A kind of object in the chart that Flagger copies to split the traffic, and that the Canary must name.

    `key` is the field below the Canary's `spec`. `backends` returns the names of the Services to which such an object
    sends requests, as Flagger's router reads them. `purpose` says what Flagger does with it, a sentence without a stop.
    """

    key: str
    kind: str
    api_version: str
    backends: Callable[[Manifest], set[str]]
    purpose: str


class ProviderSetup(Protocol):
    """One provider, or several that need the same.

    `names` are values of `spec.provider`. `route_kind` is the kind of the object that the Canary names,
    None without one.
    """

    @property
    def names(self) -> tuple[str, ...]: ...
    @property
    def route_kind(self) -> RouteKind | None: ...

    def problems(self, options: AddCanaryOptions) -> Iterator[str]:
        """A line for each option that is missing, or that the provider ignores."""

    def service_values(self, options: AddCanaryOptions) -> dict[str, Any]:
        """The entries of `canary.service` in values.yaml that the options set, besides those of every provider."""


@dataclass(frozen=True, slots=True)
class PlainSetup:
    """A provider without settings of its own."""

    names: tuple[str, ...]
    route_kind: RouteKind | None

    def problems(self, options: AddCanaryOptions) -> Iterator[str]:  # noqa: ARG002
        yield from ()

    def service_values(self, options: AddCanaryOptions) -> dict[str, Any]:  # noqa: ARG002
        return {}
