"""A rendered Kubernetes object with the template and line of its text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

# The path to a value inside a document: keys and list indexes. Keys such as `app.kubernetes.io/name` contain slashes,
# so a route is a tuple, never a string.
Route = tuple[str | int, ...]
_EXTENSIONS = {"Ingress": "networking.k8s.io", "Deployment": "apps", "DaemonSet": "apps"}


class Manifest(NamedTuple):
    """One document of a rendering.

    `template` is the key of Engine.render (`mychart/templates/canary.yaml`), `document` its 0-based index in this file,
    and `line` the 1-based line of the rendered file where `text` starts. `body` is `text` as Helm reads it.
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
    def group(self) -> str:
        return group_of(self.body)

    @property
    def kind(self) -> str:
        return str(self.body.get("kind") or "")

    @property
    def name(self) -> str:
        return str(self.get(("metadata", "name")) or "")

    @property
    def namespace(self) -> str | None:
        """`metadata.namespace` as rendered, None if it is empty and the release's namespace applies."""
        value = self.get(("metadata", "namespace"))
        return str(value) if value else None

    def get(self, route: Route, default: Any = None) -> Any:
        """The value at `route`, or `default` if a step is missing or has another type."""
        return value_at(self.body, route, default)


def group_of(body: Mapping[str, Any]) -> str:
    """The API group, empty for the core group; today's group for kinds that were once in `extensions`."""
    group, slash, _ = str(body.get("apiVersion") or "").partition("/")
    if group == "extensions":
        return _EXTENSIONS.get(str(body.get("kind")), group)
    return group if slash else ""


def value_at(document: Any, route: Route, default: Any = None) -> Any:
    """The value at `route` in `document`, or `default` if a step is missing or has another type."""
    for step in route:
        if isinstance(document, dict) and step in document:
            document = document[step]
        elif isinstance(document, list) and isinstance(step, int) and -len(document) <= step < len(document):
            document = document[step]
        else:
            return default
    return document
