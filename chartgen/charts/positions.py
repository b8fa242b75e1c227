"""Positions in a YAML text: the line and column of a route, and the keys of the root."""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from chartgen.charts.plain_yaml import UnsureError, plain_node
from chartgen.errors import InputError
from chartgen.inputs.yaml import yaml_node

if TYPE_CHECKING:
    from collections.abc import Sequence


class Position(NamedTuple):
    """A range of a text. Lines and columns are 1-based; `end_column` is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


def top_level_keys(text: str) -> tuple[str, ...]:
    """The keys of the root mapping in order; empty if the text isn't a YAML mapping."""
    root = _plain(text) or _composed(text)
    return tuple(str(key.value) for key, _ in root.value) if _is_mapping(root) else ()


def position_of(text: str, route: Sequence[str | int], *, key: bool = True) -> Position | None:
    """The position of the key (or the value) at `route`; None if the text isn't YAML or doesn't have this route."""
    plain = _plain(text)
    if plain is not None:
        with suppress(UnsureError):
            return _position(plain, route, key=key)
    return _position(_composed(text), route, key=key)


def _position(node: Any, route: Sequence[str | int], *, key: bool) -> Position | None:
    """See `position_of`; UnsureError if the node is a plain one that doesn't know its end."""
    found: Any = node
    for step in route:
        pair = _child(node, step)
        if pair is None:
            return None
        key_node, node = pair
        found = key_node if key and key_node is not None else node
    if found is None:
        return None
    return position_at(found)


def position_at(node: Any) -> Position:
    """The position of a node of ruamel's or of a plain text; UnsureError if it doesn't know its end."""
    start, end = node.start_mark, node.end_mark
    if end is None:
        raise UnsureError
    return Position(start.line + 1, start.column + 1, end.line + 1, end.column + 1)


def _child(node: Any, step: str | int) -> tuple[Any, Any] | None:
    if _is_mapping(node):
        pairs = [(key, value) for key, value in node.value if str(key.value) == str(step)]
        # Helm takes the last of duplicate keys.
        return pairs[-1] if pairs else None
    is_sequence = node is not None and node.id == "sequence"
    if is_sequence and isinstance(step, int) and 0 <= step < len(node.value):
        return None, node.value[step]
    return None


def _is_mapping(node: Any) -> bool:
    return node is not None and node.id == "mapping"


@lru_cache(maxsize=32)
def _plain(text: str) -> Any:
    try:
        return plain_node(text)
    except UnsureError:
        return None


@lru_cache(maxsize=32)
def _composed(text: str) -> Any:
    try:
        return yaml_node(text)
    except InputError as error:
        # go-yaml accepts a tab between tokens, ruamel doesn't. A space in its place keeps all positions.
        return _composed(text.replace("\t", " ")) if "\t" in text and "\\t" in str(error) else None
