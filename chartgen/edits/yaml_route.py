"""Finds the nodes at a route of a YAML file."""

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
    """The nodes from the root to the end of a route, and their indexes `steps`. An empty file has no nodes."""

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
        """The node of the key, None for the root and for an item of a sequence."""
        return self.parent.value[self.steps[-1]][0] if self.steps and self.parent.id == "mapping" else None


def find(source: Source, route: Sequence[str | int], path: str) -> NodePath:
    """The nodes at `route`; raises ConflictError if there are none."""
    steps: list[int] = []
    nodes: list[Any] = [source.root] if source.root is not None else []
    for number, step in enumerate(route):
        index = _index(nodes[-1], step) if nodes else None
        if index is None:
            raise ConflictError([f"{path} has no {dotted(route[: number + 1])}"])
        child = nodes[-1].value[index]
        steps.append(index)
        nodes.append(child[1] if nodes[-1].id == "mapping" else child)
    return NodePath(tuple(steps), tuple(nodes))


def _index(node: Any, step: str | int) -> int | None:
    if node.id == "mapping":
        # Helm uses the last of duplicate keys.
        found = [index for index, (key, _) in enumerate(node.value) if key.value == str(step)]
        return found[-1] if found else None
    is_item = node.id == "sequence" and isinstance(step, int) and 0 <= step < len(node.value)
    return int(step) if is_item else None


def dotted(route: Sequence[str | int]) -> str:
    """The route as people write it: `service.ports[0].port`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in route)
    return text.removeprefix(".") or "the root"


def require_unshared(source: Source, node_path: NodePath, route: Sequence[str | int], path: str) -> None:
    """Raise ConflictError if an alias refers to a node of the path: an edit would change other values too."""
    if not node_path.nodes:
        return
    shared = {id(node) for node, again in walk(source.root) if again}
    if any(id(node) in shared for node in node_path.nodes):
        conflict = f"{path}: {dotted(route)} is shared through a YAML anchor, so an edit would change other values too"
        raise ConflictError([conflict], hint="make the edit by hand")


def keys_of(mapping: Any) -> set[str]:
    """The keys of the map, including those merged with `<<`."""
    keys: set[str] = set()
    for key, value in mapping.value:
        keys.add(str(key.value))
        if key.value == "<<":
            merged = value.value if value.id == "sequence" else [value]
            keys.update(*(keys_of(node) for node in merged if node.id == "mapping" and node is not mapping))
    return keys


def find_at(source: Source, offset: int) -> NodePath | None:
    """The path to the entry whose key begins at `offset`, None without such a key. Distinguishes duplicate keys."""
    return _find_below(source.root, offset, (), (source.root,)) if source.root is not None else None


def _find_below(node: Any, offset: int, steps: tuple[int, ...], nodes: tuple[Any, ...]) -> NodePath | None:
    if node.id == "scalar":
        return None
    for index, child in enumerate(node.value):
        key, value = child if node.id == "mapping" else (None, child)
        if key is not None and key.start_mark.index == offset:
            return NodePath((*steps, index), (*nodes, value))
        contains = value.start_mark.index <= offset < value.end_mark.index
        found = _find_below(value, offset, (*steps, index), (*nodes, value)) if contains else None
        if found:
            return found
    return None
