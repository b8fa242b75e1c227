"""What a YAML text says, comparable: the check that an edit did what it should and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# ("scalar", tag, anchor, value) · ("mapping", tag, anchor, ((key, value), …)) · ("sequence", tag, anchor, (item, …))
# · ("alias", anchor)
Shape = tuple[Any, ...]

EMPTY: Shape = ("mapping", "tag:yaml.org,2002:map", None, ())
NOWHERE: Shape = ("nowhere",)


def shape(node: Any, seen: set[int] | None = None) -> Shape:
    """The node without places, comments and style. An alias stays one: an anchored bomb is not blown up."""
    seen = set() if seen is None else seen
    if id(node) in seen:
        return ("alias", node.anchor)
    seen.add(id(node))
    head = (node.id, str(node.tag), node.anchor)
    if node.id == "scalar":
        return (*head, node.value)
    if node.id == "mapping":
        return (*head, tuple((shape(key, seen), shape(value, seen)) for key, value in node.value))
    return (*head, tuple(shape(item, seen) for item in node.value))


def document(roots: Sequence[Any]) -> Shape:
    """The first document. Without one, or with null for one, Helm has no values, as with an empty map."""
    first = shape(roots[0]) if roots else EMPTY
    return EMPTY if first[0] == "scalar" and first[1].endswith(":null") else first


def changed(whole: Shape, steps: Sequence[int], edit: Callable[[Shape], Shape]) -> Shape:
    """`whole` with the part that `steps` (indexes of entries and items) lead to put through `edit`."""
    if not steps:
        return edit(whole)
    if not _has(whole, steps[0]):
        return NOWHERE
    children = list(whole[3])
    child = children[steps[0]]
    if whole[0] == "mapping":
        children[steps[0]] = (child[0], changed(child[1], steps[1:], edit))
    else:
        children[steps[0]] = changed(child, steps[1:], edit)
    return (*whole[:3], tuple(children))


def without(mapping: Shape, key: str) -> Shape:
    """The mapping without the entries named `key`."""
    if mapping[0] != "mapping":
        return mapping
    return (*mapping[:3], tuple(pair for pair in mapping[3] if key_text(pair[0]) != key))


def entry(mapping: Shape, key: str) -> Shape | None:
    """The value of the only entry named `key`; None where there is none, or several."""
    pairs = mapping[3] if mapping[0] == "mapping" else ()
    found = [value for name, value in pairs if key_text(name) == key]
    return found[0] if len(found) == 1 else None


def at(whole: Shape, steps: Sequence[int]) -> Shape:
    """The part that `steps` lead to."""
    for step in steps:
        if not _has(whole, step):
            return NOWHERE
        child = whole[3][step]
        whole = child[1] if whole[0] == "mapping" else child
    return whole


def key_text(key: Shape) -> str | None:
    """The key as Helm has it, None for a key that is no single value."""
    return key[3] if key[0] == "scalar" else None


def _has(whole: Shape, step: int) -> bool:
    return whole[0] in {"mapping", "sequence"} and step < len(whole[3])
