"""Which Flagger releases an installed CRD belongs to: those whose fields it has."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from chartgen.flagger.crd.fields import structural_schema
from chartgen.flagger.crd.releases import known_versions

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chartgen.manifests.manifest import Route

Fields = frozenset[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class CrdReleases:
    """The releases whose CRD has the most similar fields, oldest and newest; `different`: how many fields differ."""

    first: str
    last: str
    different: int

    @property
    def text(self) -> str:
        """`1.41.0`, `1.41.0 to 1.42.0`."""
        return self.first if self.first == self.last else f"{self.first} to {self.last}"


def releases_of(kind: str, schema: Mapping[str, Any]) -> CrdReleases:
    """The releases that the schema (`openAPIV3Schema`) of an installed CRD of Flagger's belongs to."""
    fields = _fields(schema)
    differences = {release: len(fields ^ _known(kind, release)) for release in known_versions()}
    least = min(differences.values())
    similar = [release for release, difference in differences.items() if difference == least]
    return CrdReleases(similar[0], similar[-1], least)


@cache
def _known(kind: str, release: str) -> Fields:
    return _fields(structural_schema(kind, release))


def _fields(schema: Mapping[str, Any]) -> Fields:
    """The paths below `spec`; the other fields are the API server's and Flagger's own."""
    spec = (schema.get("properties") or {}).get("spec")
    return frozenset(_walk(spec, ())) if isinstance(spec, dict) else frozenset()


def _walk(node: Mapping[str, Any], at: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for name, child in (node.get("properties") or {}).items():
        yield (*at, name)
        yield from _walk(child, (*at, name))
    for step in ("items", "additionalProperties"):
        if isinstance(node.get(step), dict):
            yield from _walk(node[step], (*at, step))


def dropped_fields(document: Any, schema: Mapping[str, Any], at: Route = ()) -> Iterator[Route]:
    """The fields of a document that an installed CRD's schema doesn't define, so that the API server drops them."""
    if schema.get("x-kubernetes-preserve-unknown-fields"):
        return
    if isinstance(document, list):
        for index, item in enumerate(document):
            yield from dropped_fields(item, schema.get("items") or {}, (*at, index))
    elif isinstance(document, dict) and ("properties" in schema or "additionalProperties" in schema):
        for name, value in document.items():
            child = (schema.get("properties") or {}).get(name, schema.get("additionalProperties"))
            if child is None:
                yield (*at, name)
            elif isinstance(child, dict):
                yield from dropped_fields(value, child, (*at, name))
