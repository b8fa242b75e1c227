"""The result of emit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chartgen.manifests.manifest import Manifest


@dataclass(frozen=True, slots=True)
class EmitResult:
    """The Flagger objects of one release, as Helm renders them. `namespace` is the one of the release."""

    manifests: tuple[Manifest, ...]
    namespace: str

    @property
    def objects(self) -> list[dict[str, Any]]:
        """The objects, each with its namespace."""
        from chartgen.manifests.namespaced import body_with_namespace

        return [dict(body_with_namespace(manifest, self.namespace)) for manifest in self.manifests]

    @property
    def yaml(self) -> str:
        """The text that Helm rendered, each object with its namespace."""
        from chartgen.flagger.emission import as_yaml

        return as_yaml(list(self.manifests), self.namespace)

    @property
    def json(self) -> str:
        """One object, or a List of several, as JSON."""
        from chartgen.flagger.emission import as_json

        return as_json(list(self.manifests), self.namespace)
