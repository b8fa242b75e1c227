"""Edits of a values.yaml that change a setting at its place: scalars, lists, entries below another one, keys.

As in `yaml_text`, every function takes and returns the file's bytes, and raises ConflictError, with `path` in its
message, if it can't make the edit safely.
"""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING, Any

from chartgen.edits import yaml_candidates as candidates
from chartgen.edits import yaml_shape as shapes
from chartgen.edits.yaml_entry import first_matching, key_renamed, key_text
from chartgen.edits.yaml_flow import flow_text, format_scalar
from chartgen.edits.yaml_route import dotted, find, require_unshared
from chartgen.edits.yaml_source import Source, is_flow, read
from chartgen.edits.yaml_text import insert_key
from chartgen.errors import ConflictError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chartgen.edits.yaml_route import NodePath
    from chartgen.edits.yaml_shape import Shape

_PATH = "values.yaml"


def set_value(data: bytes, route: Sequence[str | int], value: Any, *, path: str = _PATH) -> bytes:
    """`data` with the scalar or list of scalars at `route` replaced by `value`, in the style of the old one.

    Items of a list that stay at their position keep their text and comments.
    """
    source = read(data, path)
    node_path = find(source, route, path)
    require_unshared(source, node_path, route, path)
    label = f"{path}: {dotted(route)}"
    new = shapes.shape(source.compose(_flow(value), label)[0])
    expected = shapes.changed(shapes.shape(source.root), node_path.steps, lambda old: (*new[:2], old[2], new[3]))
    text = first_matching(_candidates(source, node_path, value), expected, f"chartgen can't set {label}")
    return text.encode()


def insert_below(
    data: bytes, route: Sequence[str | int], sibling: str, key: str, text: str, *, path: str = _PATH
) -> bytes:
    """`data` with the entry `key` in the map at `route`, directly below the entry `sibling`; without it, as the last.

    `text` is the entry's YAML with its key (LF, not indented); it may begin with comments.
    """
    source = read(data, path)
    node_path = find(source, route, path)
    require_unshared(source, node_path, route, path)
    mapping = node_path.node
    names = [str(name.value) for name, _ in mapping.value] if mapping is not None and mapping.id == "mapping" else []
    entry_map, entry_text = source.compose(text, path)
    if key in names:
        raise ConflictError([f"{path} already has {dotted((*route, key))}"], hint="nothing was written")
    if sibling not in names or is_flow(mapping):
        value = candidates.member_text(entry_map, entry_text).split(": ", 1)[1]
        return insert_key(
            data, route, key, value if not mapping or is_flow(mapping) else _value_text(text, key), path=path
        )
    index = len(names) - 1 - names[::-1].index(sibling)
    pair = shapes.shape(entry_map)[3][0]

    def inserted(old: Shape) -> Shape:
        return (*old[:3], (*old[3][: index + 1], pair, *old[3][index + 1 :]))

    expected = shapes.changed(shapes.shape(source.root), node_path.steps, inserted)
    texts = candidates.entry_below(source, mapping, index, text)
    return first_matching(texts, expected, f"chartgen can't add {dotted((*route, key))} to {path}").encode()


def append_item(data: bytes, route: Sequence[str | int], item: str, *, path: str = _PATH) -> bytes:
    """`data` with `item`, the YAML of an item with its dash (LF, not indented), below the last one of the list."""
    source = read(data, path)
    node_path = find(source, route, path)
    require_unshared(source, node_path, route, path)
    node, label = node_path.node, f"{path}: {dotted(route)}"
    list_node, text = source.compose(item, label)
    (item_node,) = list_node.value
    new, member = shapes.shape(item_node), flow_text(item_node, text)
    expected = shapes.changed(shapes.shape(source.root), node_path.steps, lambda old: (*old[:3], (*old[3], new)))
    is_list = node.id == "sequence" and node.value
    texts = candidates.item_appended(source, node, item, member) if is_list else iter(())
    return first_matching(texts, expected, f"chartgen can't add an item to {label}").encode()


def remove_item(data: bytes, route: Sequence[str | int], *, path: str = _PATH) -> bytes:
    """`data` without the item at `route`, one of several of a block list, and the comments inside it."""
    source = read(data, path)
    node_path = find(source, route, path)
    require_unshared(source, node_path, route, path)
    *head, index = node_path.steps

    def without(old: shapes.Shape) -> shapes.Shape:
        return (*old[:3], tuple(item for number, item in enumerate(old[3]) if number != index))

    expected = shapes.changed(shapes.shape(source.root), tuple(head), without)
    texts = candidates.item_deleted(source, node_path.parent, index)
    return first_matching(texts, expected, f"chartgen can't remove {path}: {dotted(route)}").encode()


def rename_key(data: bytes, route: Sequence[str | int], key: str, *, path: str = _PATH) -> bytes:
    """`data` with the last key of `route` renamed to `key`."""
    source = read(data, path)
    node_path = find(source, route, path)
    require_unshared(source, node_path, route, path)
    return key_renamed(source, node_path, key, f"{path}: {dotted(route)}").encode()


def _value_text(text: str, key: str) -> str:
    """The YAML of the value in an entry: the rest of its line, or the lines below."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    first = lines[0].removeprefix(f"{key_text(key)}:").strip()
    return first or dedent("".join(f"{line}\n" for line in lines[1:]))


def _flow(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key_text(str(key))}: {_flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_flow(item) for item in value) + "]"
    return format_scalar(value)


def _candidates(source: Source, node_path: NodePath, value: Any) -> Iterator[str]:
    node = node_path.node
    if isinstance(value, (list, tuple)) and node.id == "sequence" and not is_flow(node) and node.value and value:
        yield from _list_replaced(source, node, list(value))
    if node.id == "scalar":
        style = node.style if node.style in {"'", '"'} else ""
        keeps_quotes = style and isinstance(value, str)
        yield candidates.scalar_replaced(
            source, node_path, format_scalar(value, style) if keeps_quotes else _flow(value)
        )
        return
    yield from candidates.collection_replaced(source, node_path, _flow(value))


def _list_replaced(source: Source, node: Any, values: list[Any]) -> Iterator[str]:
    """A block sequence of scalars, item by item: those that stay keep their lines, as do the comments between them."""
    if any(item.id != "scalar" or item.style in {"|", ">"} for item in node.value):
        return
    text, pad = source.text, " " * int(node.start_mark.column)
    last = node.value[-1]
    end = source.next_line(int(last.end_mark.index))
    added = [f"{pad}- {format_scalar(value)}" for value in values[len(node.value) :]]
    if added:
        head = text[:end] if text[:end].endswith(("\n", "\r")) else text[:end] + source.newline
        lines = source.newline.join(added) + (source.newline if head == text[:end] else "")
        text = head + lines + text[end:]
    for index in range(len(node.value) - 1, -1, -1):
        item = node.value[index]
        start, stop = int(item.start_mark.index), int(item.end_mark.index)
        if index >= len(values):
            text = text[: source.line_start(start)] + text[source.next_line(stop) :]
        elif item.value != str(values[index]):
            style = item.style if item.style in {"'", '"'} else ""
            text = text[:start] + format_scalar(values[index], style) + text[stop:]
    yield text
