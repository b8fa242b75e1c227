"""The content of a YAML text in a comparable form, to check that an edit did only what it should."""

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
    """The node without positions, comments, and style. Aliases aren't expanded, so an alias bomb does no harm."""
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
    """The first document. A missing or null document has no values, as an empty map."""
    first = shape(roots[0]) if roots else EMPTY
    return EMPTY if first[0] == "scalar" and first[1].endswith(":null") else first


def changed(whole: Shape, steps: Sequence[int], edit: Callable[[Shape], Shape]) -> Shape:
    """`whole` with `edit` applied to the part at `steps` (indexes of entries and items)."""
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
    """The value of the only entry named `key`; None if there is none, or several."""
    pairs = mapping[3] if mapping[0] == "mapping" else ()
    found = [value for name, value in pairs if key_text(name) == key]
    return found[0] if len(found) == 1 else None


def at(whole: Shape, steps: Sequence[int]) -> Shape:
    """The part at `steps`, NOWHERE if there is none."""
    for step in steps:
        if not _has(whole, step):
            return NOWHERE
        child = whole[3][step]
        whole = child[1] if whole[0] == "mapping" else child
    return whole


def key_text(key: Shape) -> str | None:
    """The key as Helm reads it, None for a key that is a map or a sequence."""
    return key[3] if key[0] == "scalar" else None


def _has(whole: Shape, step: int) -> bool:
    return whole[0] in {"mapping", "sequence"} and step < len(whole[3])
