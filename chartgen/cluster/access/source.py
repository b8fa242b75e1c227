"""The interface to a cluster's facts, and what an answer can be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from chartgen.flagger.canary import as_list, as_mapping, as_str

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chartgen.cluster.access.resources import Resource

Object = dict[str, Any]


class UnreadableError(Exception):
    """A fact that can't be had: no right, or not part of the dumps. `command` helps, if anything does."""

    def __init__(self, reason: str, command: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.command = command


def served_versions(crd: Mapping[str, Any] | None) -> list[str]:
    """The versions that a CRD serves."""
    versions = map(as_mapping, as_list(as_mapping(as_mapping(crd).get("spec")).get("versions")))
    return [as_str(each.get("name")) for each in versions if each.get("served")]


class Source(Protocol):
    """A cluster. A kind that the API server doesn't serve has no objects. UnreadableError for what can't be known."""

    @property
    def name(self) -> str:
        """The cluster as reports name it."""

    def get(self, resource: Resource, namespace: str, name: str) -> Object | None:
        """One object, None if there is none."""

    def items(self, resource: Resource, namespace: str = "") -> Sequence[Object]:
        """All objects of a kind, in one namespace or in all of them."""

    def secret_exists(self, namespace: str, name: str) -> bool:
        """Whether there is such a Secret; its content isn't read."""

    def served(self, group: str) -> tuple[str, ...]:
        """The versions of an API group that the API server serves."""

    def allowed(self, verb: str, group: str, plural: str, namespace: str) -> bool:
        """Whether the caller may do this."""

    def user(self) -> str:
        """The caller's name in the cluster, empty if unknown."""

    def resolve(self, host: str) -> tuple[str, ...]:
        """The addresses of a host name, none if it doesn't resolve."""

    def prometheus(self, url: str, path: str, query: Mapping[str, str]) -> Any:
        """The `data` of an answer of a Prometheus API; `url` is an address inside the cluster."""
