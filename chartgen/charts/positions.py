"""Where something stands in a YAML text: routes to lines and columns, and the keys of the root. Positions only."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from chartgen.errors import InputError
from chartgen.inputs.yaml import yaml_node

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a text, 1-based, `end_column` exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


def top_level_keys(text: str) -> tuple[str, ...]:
    """The keys of the root mapping in order; empty where the text is no YAML mapping."""
    root = _composed(text)
    return tuple(str(key.value) for key, _ in root.value) if _is_mapping(root) else ()


def position_of(text: str, route: Sequence[str | int], *, key: bool = True) -> Position | None:
    """The key (or the value) at `route`; None where the text is no YAML or holds no such place."""
    node = _composed(text)
    found: Any = node
    for step in route:
        pair = _child(node, step)
        if pair is None:
            return None
        label, node = pair
        found = label if key and label is not None else node
    if found is None:
        return None
    start, end = found.start_mark, found.end_mark
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
def _composed(text: str) -> Any:
    try:
        return yaml_node(text)
    except InputError as error:
        # go-yaml takes a tab between tokens, ruamel does not. A space in its place moves nothing.
        return _composed(text.replace("\t", " ")) if "\t" in text and "\\t" in str(error) else None
