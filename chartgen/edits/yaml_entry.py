"""Edits of one entry of a YAML text, given by its nodes. The result is parsed again before it is accepted.

Every function returns the whole new text. It raises ConflictError, with `label` in its message, if no way to write the
edit has exactly the right content.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from chartgen.edits import yaml_candidates as candidates
from chartgen.edits import yaml_shape as shapes
from chartgen.edits.yaml_source import composed, is_flow
from chartgen.errors import ConflictError
from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from chartgen.edits.yaml_route import NodePath
    from chartgen.edits.yaml_shape import Shape
    from chartgen.edits.yaml_source import Source

# Keys that are strings in every version of YAML.
_PLAIN_KEY = lazy_pattern(r"(?!(?:null|true|false|yes|no|on|off|[yn])$)[A-Za-z][\w.-]*", re.IGNORECASE)
_HINT = "make the edit by hand and run again"


def key_text(key: str) -> str:
    """The key as YAML, in quotes if it might not be a string otherwise."""
    return key if _PLAIN_KEY.fullmatch(key) else json.dumps(key, ensure_ascii=False)


def value_set(source: Source, node_path: NodePath, text: str, label: str) -> str:
    """The text with the scalar at `node_path` replaced by `text`, which is YAML on one line."""
    new = shapes.shape(source.compose(text, label)[0])
    value = (*new[:2], node_path.node.anchor, new[3])
    expected = shapes.changed(shapes.shape(source.root), node_path.steps, lambda _: value)
    return first_matching(
        [candidates.scalar_replaced(source, node_path, text)], expected, f"chartgen can't set {label}"
    )


def key_renamed(source: Source, node_path: NodePath, key: str, label: str) -> str:
    """The text with the entry at `node_path` renamed to `key`, in the same quotes; the map must not have this key."""
    old = node_path.key
    index = node_path.steps[-1]
    new = f"{old.style}{key}{old.style}" if old.style in {"'", '"'} else key_text(key)
    text = source.text[: old.start_mark.index] + new + source.text[old.end_mark.index :]

    def renamed(mapping: Shape) -> Shape:
        pairs = list(mapping[3])
        if any(shapes.key_text(name) == key for name, _ in pairs):
            return shapes.NOWHERE
        pairs[index] = ((*pairs[index][0][:3], key), pairs[index][1])
        return (*mapping[:3], tuple(pairs))

    return first_matching([text], _in_parent(source, node_path, renamed), f"chartgen can't rename {label}")


def entry_deleted(source: Source, node_path: NodePath, label: str, comments: Sequence[str] = ()) -> str:
    """The text without the entry at `node_path`; comments above it stay, except for exactly the lines `comments`."""
    expected = _in_parent(source, node_path, lambda mapping: _without(mapping, node_path.steps[-1]))
    texts = candidates.entry_deleted(source, node_path.parent, node_path.steps[-1], comments)
    return first_matching(texts, expected, f"chartgen can't remove {label}")


def entry_added(source: Source, node_path: NodePath, key: str, text: str, label: str, *, first: bool = False) -> str:
    """The text with `key` and the one-line YAML `text` added to the map at `node_path`, as its last or first entry."""
    return _added(source, node_path, key, f"{key_text(key)}: {text}\n", label, first=first)


def entry_nested(source: Source, node_path: NodePath, outer: str, key: str, label: str) -> str:
    """The text with the entry at `node_path` replaced by the map `outer`, which has its value under `key`."""
    index = node_path.steps[-1]
    node, start = node_path.node, node_path.key.start_mark.index
    if node.id != "scalar" or node.style in {"|", ">"}:
        raise ConflictError([f"{label} is not a single value on one line"], hint=_HINT)
    end = int(candidates.end_of_entry(source, node_path.parent, index))
    value = source.text[source.span(node, node_path.key)]
    pad = " " * (candidates.column_of(source, node_path.parent) + 2)
    block = f"{outer}:{source.newline}{pad}{key}: {value}"
    texts = [] if is_flow(node_path.parent) else [source.text[:start] + block + source.text[end:]]
    texts.append(f"{source.text[:start]}{outer}: {{{key}: {value}}}{source.text[end:]}")

    def nested(mapping: Shape) -> Shape:
        if shapes.entry(mapping, outer) is not None:
            return shapes.NOWHERE
        pairs = list(mapping[3])
        name = pairs[index][0]
        inner = (*shapes.EMPTY[:3], (((*name[:3], key), pairs[index][1]),))
        pairs[index] = ((*name[:3], outer), inner)
        return (*mapping[:3], tuple(pairs))

    return first_matching(texts, _in_parent(source, node_path, nested), f"chartgen can't nest {label}")


def entry_moved(
    source: Source, node_path: NodePath, into: NodePath, key: str, label: str, *, first: bool = False
) -> str:
    """The text with the entry at `node_path` and its comments moved into the map at `into` and renamed to `key`."""
    head, index = node_path.steps[:-1], node_path.steps[-1]
    if into.steps[: len(node_path.steps)] == node_path.steps:
        raise ConflictError([f"{label} can't be moved into itself"], hint=_HINT)
    lines = entry_lines(source, node_path, key)
    without = entry_deleted(source, node_path, label)
    steps = list(into.steps)
    if into.steps[: len(head)] == head and len(steps) > len(head) and steps[len(head)] > index:
        steps[len(head)] -= 1
    shorter = replace(source, text=without, root=composed(without, label)[0])
    return _added(shorter, _at(shorter, tuple(steps), into), key, lines, label, first=first)


def first_matching(texts: Iterable[str], expected: Shape, conflict: str) -> str:
    """The first text with the `expected` content; raises ConflictError with the message `conflict` without one."""
    for text in texts:
        try:
            after = shapes.document(composed(text, conflict))
        except ConflictError:
            continue
        if after == expected:
            return text
    raise ConflictError([conflict], hint=_HINT)


def _in_parent(source: Source, node_path: NodePath, edit: Callable[[Shape], Shape]) -> Shape:
    """The shape of the whole text with `edit` applied to the map that contains the entry."""
    return shapes.changed(shapes.shape(source.root), node_path.steps[:-1], edit)


def _without(mapping: Shape, index: int) -> Shape:
    return (*mapping[:3], tuple(pair for number, pair in enumerate(mapping[3]) if number != index))


def entry_lines(source: Source, node_path: NodePath, key: str) -> str:
    """The entry, renamed to `key`, as lines of its own (LF, not indented)."""
    end = int(candidates.end_of_entry(source, node_path.parent, node_path.steps[-1]))
    if not is_flow(node_path.parent):
        end = source.line_end(end)
    text = key_text(key) + source.text[node_path.key.end_mark.index : end]
    column = candidates.column_of(source, node_path.parent)
    first, *rest = text.replace(source.newline, "\n").split("\n")
    return "\n".join([first, *(_dedented(line, column) for line in rest)]) + "\n"


def _dedented(line: str, column: int) -> str:
    return line[min(column, len(line) - len(line.lstrip(" "))) :]


def _at(source: Source, steps: tuple[int, ...], like: NodePath) -> NodePath:
    """The path with these steps in another text."""
    nodes = [source.root]
    for step in steps:
        child = nodes[-1].value[step]
        nodes.append(child[1] if nodes[-1].id == "mapping" else child)
    return replace(like, steps=steps, nodes=tuple(nodes))


def _added(source: Source, node_path: NodePath, key: str, entry: str, label: str, *, first: bool) -> str:
    node = node_path.node
    if node.id != "mapping" or any(name.value == key for name, _ in node.value):
        raise ConflictError([f"{label} already has {key}, or is not a map"], hint=_HINT)
    entry_map, entry_text = source.compose(entry, label)
    new_pair = shapes.shape(entry_map)[3][0]

    def added(mapping: Shape) -> Shape:
        pairs = (new_pair, *mapping[3]) if first and not is_flow(node) else (*mapping[3], new_pair)
        return (*mapping[:3], pairs)

    expected = shapes.changed(shapes.shape(source.root), node_path.steps, added)
    if first and not is_flow(node):
        texts = _at_the_top(source, node_path, entry)
    else:
        texts = candidates.entry_added(source, node_path, entry, candidates.member_text(entry_map, entry_text))
    return first_matching(texts, expected, f"chartgen can't add {key} to {label}")


def _at_the_top(source: Source, node_path: NodePath, entry: str) -> Iterator[str]:
    """Candidates with the entry directly below the line of the map's key, above its first entry and comments."""
    if node_path.key is None:
        return
    at = source.next_line(node_path.key.end_mark.index)
    column = candidates.column_of(source, node_path.node)
    lines = "".join(
        f"{' ' * column}{line}{source.newline}" if line else source.newline for line in entry[:-1].split("\n")
    )
    yield source.text[:at] + lines + source.text[at:]
