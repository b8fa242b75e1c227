"""Edits of a values.yaml as text: what is added stands where it must, and every other byte stays as it was.

A YAML library's round trip gives back the same bytes for half of all real files only. Here ruamel.yaml says where
things stand, the text is cut and joined, and the result is read again: an edit that says anything else than it should
is not made. Where one place will not do (a line below a `|+` scalar becomes part of it), the next one is tried.

Every function takes and gives the file's bytes, names the file as `told` in errors, and raises ConflictError where the
edit cannot be made safely. A route is a tuple of keys and indexes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.edits import yaml_places as places
from chartgen.edits import yaml_shape as shapes
from chartgen.edits.yaml_entry import entry_deleted, key_text, value_set
from chartgen.edits.yaml_route import find, keys_of, require_unshared, spelt
from chartgen.edits.yaml_source import Source, composed, is_flow, is_null, read
from chartgen.errors import ConflictError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from chartgen.edits.yaml_shape import Shape

_TOLD = "values.yaml"


def add_top_level_block(data: bytes, key: str, block: str, *, told: str = _TOLD) -> bytes:
    """`data` with `key:` as an entry of its root and `block` (LF, not indented) two spaces below it.

    It becomes the last entry wherever that leaves the others' values alone.
    """
    return _with_entry(read(data, told), (), key, f"{key_text(key)}:\n{_indented(block)}", told)


def insert_key(data: bytes, route: Sequence[str | int], key: str, text: str, *, told: str = _TOLD) -> bytes:
    """`data` with `key: text` added to the map at `route`; `text` is YAML, on one line or (not indented) on several."""
    roots = composed(text, told)
    is_block = bool(roots) and roots[0].id != "scalar" and not is_flow(roots[0])
    entry = f"{key_text(key)}:\n{_indented(text)}" if is_block else f"{key_text(key)}: {text.removesuffix(chr(10))}\n"
    return _with_entry(read(data, told), route, key, entry, told)


def set_scalar(data: bytes, route: Sequence[str | int], text: str, *, told: str = _TOLD) -> bytes:
    """`data` with the scalar at `route` replaced by `text`, which is YAML on one line."""
    source = read(data, told)
    place = find(source, route, told)
    if place.node is None or place.node.id != "scalar":
        raise ConflictError([f"{told}: {spelt(route)} is no single value"])
    require_unshared(source, place, route, told)
    return value_set(source, place, text, f"{told}: {spelt(route)}").encode()


def delete_key(data: bytes, route: Sequence[str | int], *, told: str = _TOLD) -> bytes:
    """`data` without the entry at `route`. The comments above it stay: they may belong to more than it."""
    source = read(data, told)
    place = find(source, route, told)
    if place.key is None:
        raise ConflictError([f"{told}: {spelt(route)} is no key of a map"])
    require_unshared(source, place, route, told)
    before = shapes.shape(source.root)
    key = str(route[-1])
    if shapes.entry(shapes.at(before, place.steps[:-1]), key) is None:
        raise ConflictError([f"{told}: {spelt(route)} is there more than once"])
    return entry_deleted(source, place, f"{told}: {spelt(route)}").encode()


def _with_entry(source: Source, route: Sequence[str | int], key: str, entry: str, told: str) -> bytes:
    place = find(source, route, told)
    _require_map(place.node, (*route, key), told)
    require_unshared(source, place, route, told)
    root = shapes.shape(source.root) if place.nodes else shapes.EMPTY
    before = shapes.changed(root, place.steps, lambda found: shapes.EMPTY if found[0] == "scalar" else found)
    alone, alone_text = source.compose(entry, told)
    wanted = shapes.entry(shapes.shape(alone), key)

    def is_right(after: Shape) -> bool:
        rest = shapes.changed(after, place.steps, lambda found: shapes.without(found, key))
        return rest == before and shapes.entry(shapes.at(after, place.steps), key) == wanted

    tried = places.entry_added(source, place, entry, places.member_text(alone, alone_text))
    return _first_right(tried, is_right, f"{told}: {spelt((*route, key))} cannot be added as text")


def _require_map(node: Any, route: Sequence[str | int], told: str) -> None:
    """The node must be a map without the route's last key, or null, which is as good as an empty one."""
    if node is not None and node.id != "mapping" and not is_null(node):
        raise ConflictError([f"{told}: {spelt(route[:-1])} is a {node.id}, not a map"], hint="nothing was written")
    if node is not None and node.id == "mapping" and str(route[-1]) in keys_of(node):
        raise ConflictError([f"{told}: {spelt(route)} is there already"], hint="nothing was written")


def _first_right(tried: Iterable[str], is_right: Callable[[Shape], bool], told: str) -> bytes:
    """The first text that reads as it should, as bytes."""
    for text in tried:
        try:
            after = shapes.document(composed(text, told))
        except ConflictError:
            continue
        if after[0] == "mapping" and is_right(after):
            return text.encode()
    raise ConflictError([told], hint="make the edit by hand and run again")


def _indented(block: str) -> str:
    return "".join(f"  {line}\n" if line else "\n" for line in block.removesuffix("\n").split("\n"))
