"""What a YAML document says about the release that it belongs to: its names, and the namespace of its objects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chartgen.cluster.access.resources import APPLICATIONS, HELM_RELEASES, WORKLOADS
from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

# A name that tools fill in later, such as `${NAMESPACE}`, says nothing.
_NAMESPACE = lazy_pattern(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
# By which a helmfile and a kustomization.yaml differ from values that happen to have a `namespace`.
_LISTS = ("releases", "images", "resources")
_RELEASE_NAME = ("helm", "releaseName")


@dataclass(frozen=True, slots=True)
class Scope:
    """`names`: of the release and of the object. `namespace`: of what is released, empty if unknown."""

    kind: str
    names: frozenset[str]
    namespace: str

    @property
    def owned(self) -> bool:
        """Whether the document is an object that belongs to one release."""
        return self.kind in {HELM_RELEASES.kind, APPLICATIONS.kind}

    def elsewhere(self, namespace: str) -> bool:
        """Whether the document is about another namespace than this one."""
        return bool(namespace and _NAMESPACE.fullmatch(self.namespace)) and self.namespace != namespace


def scope_of(root: Any) -> Scope:
    """The scope of a document's root node.

    HelmRelease: fluxcd.io/flux/components/helm/helmreleases, "Release name" and "Target namespace". Application:
    argo-cd.readthedocs.io, "Helm: Release Name". helmfile and kustomization.yaml set `namespace` for all they contain.
    """
    kind, name, namespace = _text(root, "kind"), _text(root, "metadata", "name"), _text(root, "metadata", "namespace")
    names = {name}
    if kind == HELM_RELEASES.kind:
        target = _text(root, "spec", "targetNamespace")
        names.add(_text(root, "spec", "releaseName") or (f"{target}-{name}" if target else name))
        namespace = target or namespace
    elif kind == APPLICATIONS.kind:
        names |= {_text(source, *_RELEASE_NAME) for source in _sources(root)}
        # The Application's own is Argo CD's.
        namespace = _text(root, "spec", "destination", "namespace")
    elif kind not in WORKLOADS:
        namespace = _text(root, "namespace") if any(_items(root, key) for key in _LISTS) else ""
    return Scope(kind, frozenset(names - {""}), namespace)


def _sources(root: Any) -> Iterator[Any]:
    yield _node(root, "spec", "source")
    yield from _items(root, "spec", "sources")


def _items(root: Any, *route: str) -> list[Any]:
    node = _node(root, *route)
    return list(node.value) if node is not None and node.id == "sequence" else []


def _text(root: Any, *route: str) -> str:
    node = _node(root, *route)
    return str(node.value) if node is not None and node.id == "scalar" else ""


def _node(node: Any, *route: str) -> Any:
    for step in route:
        pairs = node.value if node is not None and node.id == "mapping" else []
        node = next((value for key, value in pairs if key.value == step), None)
    return node
