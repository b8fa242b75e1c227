"""Edits of one entry of a YAML text, given by its place: the text is cut and joined, and read again before it counts.

Every function gives the whole new text and raises ConflictError, naming the file as `told`, where no way of writing it
says exactly what it should.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from chartgen.edits import yaml_places as places
from chartgen.edits import yaml_shape as shapes
from chartgen.edits.yaml_source import composed, is_flow
from chartgen.errors import ConflictError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from chartgen.edits.yaml_route import NodePath
    from chartgen.edits.yaml_shape import Shape
    from chartgen.edits.yaml_source import Source

# Keys that no YAML version takes for anything but a string.
_PLAIN_KEY = re.compile(r"(?!(?:null|true|false|yes|no|on|off|[yn])$)[A-Za-z][\w.-]*", re.IGNORECASE)
_HINT = "make the edit by hand and run again"


def key_text(key: str) -> str:
    """The key as YAML, in quotes where it could be anything but a string."""
    return key if _PLAIN_KEY.fullmatch(key) else json.dumps(key, ensure_ascii=False)


def value_set(source: Source, place: NodePath, text: str, told: str) -> str:
    """The scalar at `place` replaced by `text`, which is YAML on one line."""
    new = shapes.shape(source.compose(text, told)[0])
    wanted = (*new[:2], place.node.anchor, new[3])
    expected = shapes.changed(shapes.shape(source.root), place.steps, lambda _: wanted)
    return right_one([places.scalar_replaced(source, place, text)], expected, f"{told} cannot be set as text")


def key_renamed(source: Source, place: NodePath, key: str, told: str) -> str:
    """The key of the entry at `place` is `key`; quotes stay. Refused where the map has that key already."""
    old = place.key
    index = place.steps[-1]
    spelt = f"{old.style}{key}{old.style}" if old.style in {"'", '"'} else key_text(key)
    text = source.text[: old.start_mark.index] + spelt + source.text[old.end_mark.index :]

    def renamed(mapping: Shape) -> Shape:
        pairs = list(mapping[3])
        if any(shapes.key_text(name) == key for name, _ in pairs):
            return shapes.NOWHERE
        pairs[index] = ((*pairs[index][0][:3], key), pairs[index][1])
        return (*mapping[:3], tuple(pairs))

    return right_one([text], _in_parent(source, place, renamed), f"{told} cannot be renamed as text")


def entry_deleted(source: Source, place: NodePath, told: str) -> str:
    """The text without the entry at `place`; comments above it stay."""
    expected = _in_parent(source, place, lambda mapping: _without(mapping, place.steps[-1]))
    tried = places.entry_deleted(source, place.parent, place.steps[-1])
    return right_one(tried, expected, f"{told} cannot be removed as text")


def entry_added(source: Source, place: NodePath, key: str, text: str, told: str, *, first: bool = False) -> str:
    """`key` with the one-line YAML `text` added to the map at `place`: as its last entry, or as its first."""
    return _added(source, place, key, f"{key_text(key)}: {text}\n", told, first=first)


def entry_nested(source: Source, place: NodePath, outer: str, key: str, told: str) -> str:
    """The entry at `place` becomes the map `outer` with its value under `key`, where it stands."""
    index = place.steps[-1]
    node, start = place.node, place.key.start_mark.index
    if node.id != "scalar" or node.style in {"|", ">"}:
        raise ConflictError([f"{told}: is no single value on one line"], hint=_HINT)
    end = int(places.end_of_entry(source, place.parent, index))
    value = source.text[source.span(node, place.key)]
    pad = " " * (places.column_of(source, place.parent) + 2)
    block = f"{outer}:{source.newline}{pad}{key}: {value}"
    tried = [] if is_flow(place.parent) else [source.text[:start] + block + source.text[end:]]
    tried.append(f"{source.text[:start]}{outer}: {{{key}: {value}}}{source.text[end:]}")

    def nested(mapping: Shape) -> Shape:
        if shapes.entry(mapping, outer) is not None:
            return shapes.NOWHERE
        pairs = list(mapping[3])
        name = pairs[index][0]
        inner = (*shapes.EMPTY[:3], (((*name[:3], key), pairs[index][1]),))
        pairs[index] = ((*name[:3], outer), inner)
        return (*mapping[:3], tuple(pairs))

    return right_one(tried, _in_parent(source, place, nested), f"{told} cannot be nested as text")


def entry_moved(source: Source, place: NodePath, into: NodePath, key: str, told: str, *, first: bool = False) -> str:
    """The entry at `place` goes into the map at `into`, lines, comments and all, and is called `key` there."""
    head, index = place.steps[:-1], place.steps[-1]
    if into.steps[: len(place.steps)] == place.steps:
        raise ConflictError([f"{told}: cannot stand in itself"])
    lines = _lines_of(source, place, key)
    without = entry_deleted(source, place, told)
    steps = list(into.steps)
    if into.steps[: len(head)] == head and len(steps) > len(head) and steps[len(head)] > index:
        steps[len(head)] -= 1
    shorter = replace(source, text=without, root=composed(without, told)[0])
    return _added(shorter, _at(shorter, tuple(steps), into), key, lines, told, first=first)


def right_one(tried: Iterable[str], expected: Shape, told: str) -> str:
    """The first text that reads as `expected`; `told` is what could not be done."""
    for text in tried:
        try:
            after = shapes.document(composed(text, told))
        except ConflictError:
            continue
        if after == expected:
            return text
    raise ConflictError([told], hint=_HINT)


def _in_parent(source: Source, place: NodePath, edit: Callable[[Shape], Shape]) -> Shape:
    """The whole text's shape with the map that holds the entry edited."""
    return shapes.changed(shapes.shape(source.root), place.steps[:-1], edit)


def _without(mapping: Shape, index: int) -> Shape:
    return (*mapping[:3], tuple(pair for number, pair in enumerate(mapping[3]) if number != index))


def _lines_of(source: Source, place: NodePath, key: str) -> str:
    """The entry as lines of its own (LF, not indented), called `key`."""
    end = int(places.end_of_entry(source, place.parent, place.steps[-1]))
    if not is_flow(place.parent):
        end = source.line_end(end)
    text = key_text(key) + source.text[place.key.end_mark.index : end]
    column = places.column_of(source, place.parent)
    first, *rest = text.replace(source.newline, "\n").split("\n")
    return "\n".join([first, *(_dedented(line, column) for line in rest)]) + "\n"


def _dedented(line: str, column: int) -> str:
    return line[min(column, len(line) - len(line.lstrip(" "))) :]


def _at(source: Source, steps: tuple[int, ...], like: NodePath) -> NodePath:
    """The place with these steps in another text."""
    nodes = [source.root]
    for step in steps:
        child = nodes[-1].value[step]
        nodes.append(child[1] if nodes[-1].id == "mapping" else child)
    return replace(like, steps=steps, nodes=tuple(nodes))


def _added(source: Source, place: NodePath, key: str, entry: str, told: str, *, first: bool) -> str:
    node = place.node
    if node.id != "mapping" or any(name.value == key for name, _ in node.value):
        raise ConflictError([f"{told}: {key} is there already, or there is no map for it"], hint=_HINT)
    alone, alone_text = source.compose(entry, told)
    wanted = shapes.shape(alone)[3][0]

    def added(mapping: Shape) -> Shape:
        pairs = (wanted, *mapping[3]) if first and not is_flow(node) else (*mapping[3], wanted)
        return (*mapping[:3], pairs)

    expected = shapes.changed(shapes.shape(source.root), place.steps, added)
    if first and not is_flow(node):
        tried = _at_the_top(source, place, entry)
    else:
        tried = places.entry_added(source, place, entry, places.member_text(alone, alone_text))
    return right_one(tried, expected, f"{told} cannot be added to as text")


def _at_the_top(source: Source, place: NodePath, entry: str) -> Iterator[str]:
    """Directly below the line of the map's own key, above whatever comes first in it."""
    if place.key is None:
        return
    at = source.next_line(place.key.end_mark.index)
    column = places.column_of(source, place.node)
    lines = "".join(
        f"{' ' * column}{line}{source.newline}" if line else source.newline for line in entry[:-1].split("\n")
    )
    yield source.text[:at] + lines + source.text[at:]
