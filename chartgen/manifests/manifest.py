"""One rendered Kubernetes object and where its text came from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

# The place of a value inside a document: keys and list indexes. Keys such as `app.kubernetes.io/name` hold slashes,
# so a route is a tuple and never a string.
Route = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Manifest:
    """One document of a rendering.

    `template` is the key of Engine.render (`mychart/templates/canary.yaml`), `document` its index in that file
    (0-based), `line` the 1-based line of the rendered file on which `text` starts. `body` is what Helm reads in it.
    """

    template: str
    document: int
    line: int
    text: str
    body: Mapping[str, Any]

    @property
    def api_version(self) -> str:
        return str(self.body.get("apiVersion") or "")

    @property
    def kind(self) -> str:
        return str(self.body.get("kind") or "")

    @property
    def name(self) -> str:
        return str(self.get(("metadata", "name")) or "")

    @property
    def namespace(self) -> str | None:
        """`metadata.namespace` as rendered, None where the release's namespace counts."""
        value = self.get(("metadata", "namespace"))
        return str(value) if value else None

    def get(self, route: Route, default: Any = None) -> Any:
        """The value at `route`, or `default` where any step of it is missing or of another shape."""
        return value_at(self.body, route, default)


def value_at(document: Any, route: Route, default: Any = None) -> Any:
    """The value at `route` below `document`, or `default` where any step of it is missing or of another shape."""
    for step in route:
        if isinstance(document, dict) and step in document:
            document = document[step]
        elif isinstance(document, list) and isinstance(step, int) and -len(document) <= step < len(document):
            document = document[step]
        else:
            return default
    return document
