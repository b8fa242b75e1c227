"""A route walked down the nodes of a YAML file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chartgen.edits.yaml_source import walk
from chartgen.errors import ConflictError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chartgen.edits.yaml_source import Source


@dataclass(frozen=True, slots=True)
class NodePath:
    """The end of a route: `nodes` lead to it from the root, `steps` are their indexes. An empty file has no nodes."""

    steps: tuple[int, ...]
    nodes: tuple[Any, ...]

    @property
    def node(self) -> Any:
        return self.nodes[-1] if self.nodes else None

    @property
    def parent(self) -> Any:
        return self.nodes[-2] if self.steps else None

    @property
    def key(self) -> Any:
        """The node of the key, None for the root and for items of a sequence."""
        return self.parent.value[self.steps[-1]][0] if self.steps and self.parent.id == "mapping" else None


def find(source: Source, route: Sequence[str | int], told: str) -> NodePath:
    """The place at `route`; ConflictError where there is none."""
    steps: list[int] = []
    nodes: list[Any] = [source.root] if source.root is not None else []
    for number, wanted in enumerate(route):
        index = _index(nodes[-1], wanted) if nodes else None
        if index is None:
            raise ConflictError([f"{told}: there is no {spelt(route[: number + 1])}"])
        child = nodes[-1].value[index]
        steps.append(index)
        nodes.append(child[1] if nodes[-1].id == "mapping" else child)
    return NodePath(tuple(steps), tuple(nodes))


def _index(node: Any, wanted: str | int) -> int | None:
    if node.id == "mapping":
        # Helm takes the last of duplicate keys.
        found = [index for index, (key, _) in enumerate(node.value) if key.value == str(wanted)]
        return found[-1] if found else None
    is_item = node.id == "sequence" and isinstance(wanted, int) and 0 <= wanted < len(node.value)
    return int(wanted) if is_item else None


def spelt(route: Sequence[str | int]) -> str:
    """The route as people write it: `service.ports[0].port`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in route)
    return text.removeprefix(".") or "the root"


def require_unshared(source: Source, place: NodePath, route: Sequence[str | int], told: str) -> None:
    """Refuse what stands behind an anchor that something else refers to: an edit would change both."""
    if not place.nodes:
        return
    shared = {id(node) for node, again in walk(source.root) if again}
    if any(id(node) in shared for node in place.nodes):
        told_what = f"{told}: {spelt(route)} is shared through a YAML anchor"
        raise ConflictError([told_what], hint="an edit there would change other values too: make it by hand")


def keys_of(mapping: Any) -> set[str]:
    """The keys of the map, those merged in with `<<` included."""
    keys: set[str] = set()
    for key, value in mapping.value:
        keys.add(str(key.value))
        if key.value == "<<":
            merged = value.value if value.id == "sequence" else [value]
            keys.update(*(keys_of(below) for below in merged if below.id == "mapping" and below is not mapping))
    return keys


def find_at(source: Source, offset: int) -> NodePath | None:
    """The place of the entry whose key begins at `offset`; tells keys of one name apart. None where none does."""
    return _below(source.root, offset, (), (source.root,)) if source.root is not None else None


def _below(node: Any, offset: int, steps: tuple[int, ...], nodes: tuple[Any, ...]) -> NodePath | None:
    if node.id == "scalar":
        return None
    for index, child in enumerate(node.value):
        key, value = child if node.id == "mapping" else (None, child)
        if key is not None and key.start_mark.index == offset:
            return NodePath((*steps, index), (*nodes, value))
        inside = value.start_mark.index <= offset < value.end_mark.index
        found = _below(value, offset, (*steps, index), (*nodes, value)) if inside else None
        if found:
            return found
    return None
