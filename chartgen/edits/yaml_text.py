"""Edits of a values.yaml as text, which keep every other byte.

The round trip of a YAML library restores the same bytes for only half of all real files. Here, ruamel.yaml provides the
positions, and the edited text is parsed again: an edit with any other effect is rejected. If a position doesn't work (a
line below a `|+` scalar becomes part of it), the next candidate follows.

Every function takes and returns the file's bytes. It raises ConflictError, with `path` in its message, if it can't make
the edit safely. A route is a tuple of keys and indexes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.edits import yaml_candidates as candidates
from chartgen.edits import yaml_shape as shapes
from chartgen.edits.yaml_entry import entry_deleted, entry_lines, key_text, value_set
from chartgen.edits.yaml_route import dotted, find, keys_of, require_unshared
from chartgen.edits.yaml_source import Source, composed, is_flow, is_null, read
from chartgen.errors import ConflictError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from chartgen.edits.yaml_shape import Shape

_PATH = "values.yaml"


def add_top_level_block(data: bytes, key: str, block: str, *, path: str = _PATH) -> bytes:
    """`data` with `key:` as an entry of its root and `block` (LF, not indented) two spaces below it.

    It becomes the last entry, unless that would change the value of another one.
    """
    return _with_entry(read(data, path), (), key, f"{key_text(key)}:\n{_indented(block)}", path)


def insert_key(data: bytes, route: Sequence[str | int], key: str, text: str, *, path: str = _PATH) -> bytes:
    """`data` with `key: text` added to the map at `route`; `text` is YAML, on one line or (not indented) on several."""
    roots = composed(text, path)
    is_block = bool(roots) and roots[0].id != "scalar" and not is_flow(roots[0])
    entry = f"{key_text(key)}:\n{_indented(text)}" if is_block else f"{key_text(key)}: {text.removesuffix(chr(10))}\n"
    return _with_entry(read(data, path), route, key, entry, path)


def set_scalar(data: bytes, route: Sequence[str | int], text: str, *, path: str = _PATH) -> bytes:
    """`data` with the scalar at `route` replaced by `text`, which is YAML on one line."""
    source = read(data, path)
    node_path = find(source, route, path)
    if node_path.node is None or node_path.node.id != "scalar":
        raise ConflictError([f"{path}: {dotted(route)} is not a single value"])
    require_unshared(source, node_path, route, path)
    return value_set(source, node_path, text, f"{path}: {dotted(route)}").encode()


def entry_text(data: bytes, route: Sequence[str | int], *, path: str = _PATH) -> str:
    """The lines of the entry at `route` with their comments (LF, not indented)."""
    source = read(data, path)
    node_path = find(source, route, path)
    if node_path.key is None or is_flow(node_path.parent):
        raise ConflictError([f"{path}: {dotted(route)} has no lines of its own"])
    return entry_lines(source, node_path, str(route[-1]))


def delete_key(data: bytes, route: Sequence[str | int], *, comments: Sequence[str] = (), path: str = _PATH) -> bytes:
    """`data` without the entry at `route`. The comments above it stay: they may belong to more than it.

    `comments` are the lines (not indented) known to belong to it: they are removed if they are exactly those above it.
    """
    source = read(data, path)
    node_path = find(source, route, path)
    if node_path.key is None:
        raise ConflictError([f"{path}: {dotted(route)} is not a key of a map"])
    require_unshared(source, node_path, route, path)
    before = shapes.shape(source.root)
    key = str(route[-1])
    if shapes.entry(shapes.at(before, node_path.steps[:-1]), key) is None:
        raise ConflictError([f"{path} has {dotted(route)} more than once"])
    return entry_deleted(source, node_path, f"{path}: {dotted(route)}", comments).encode()


def _with_entry(source: Source, route: Sequence[str | int], key: str, entry: str, path: str) -> bytes:
    node_path = find(source, route, path)
    _require_map(node_path.node, (*route, key), path)
    require_unshared(source, node_path, route, path)
    root = shapes.shape(source.root) if node_path.nodes else shapes.EMPTY
    before = shapes.changed(root, node_path.steps, lambda found: shapes.EMPTY if found[0] == "scalar" else found)
    entry_map, entry_text = source.compose(entry, path)
    value = shapes.entry(shapes.shape(entry_map), key)

    def is_right(after: Shape) -> bool:
        rest = shapes.changed(after, node_path.steps, lambda found: shapes.without(found, key))
        return rest == before and shapes.entry(shapes.at(after, node_path.steps), key) == value

    texts = candidates.entry_added(source, node_path, entry, candidates.member_text(entry_map, entry_text))
    return _first_right(texts, is_right, f"chartgen can't add {dotted((*route, key))} to {path}")


def _require_map(node: Any, route: Sequence[str | int], path: str) -> None:
    """Raise ConflictError unless the node is a map without the route's last key, or null, the same as an empty map."""
    if node is not None and node.id != "mapping" and not is_null(node):
        raise ConflictError([f"{path}: {dotted(route[:-1])} is a {node.id}, not a map"], hint="nothing was written")
    if node is not None and node.id == "mapping" and str(route[-1]) in keys_of(node):
        raise ConflictError([f"{path} already has {dotted(route)}"], hint="nothing was written")


def _first_right(texts: Iterable[str], is_right: Callable[[Shape], bool], conflict: str) -> bytes:
    """The first text with the right content, as bytes; raises ConflictError with the message `conflict` without one."""
    for text in texts:
        try:
            after = shapes.document(composed(text, conflict))
        except ConflictError:
            continue
        if after[0] == "mapping" and is_right(after):
            return text.encode()
    raise ConflictError([conflict], hint="make the edit by hand and run again")


def _indented(block: str) -> str:
    return "".join(f"  {line}\n" if line else "\n" for line in block.removesuffix("\n").split("\n"))
