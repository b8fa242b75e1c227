"""Extract a part of a YAML file so that each line and column stays the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.config.document import yaml_of
from chartgen.errors import InputError
from chartgen.inputs.yaml import yaml_nodes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ruamel.yaml.nodes import Node


def nodes_of(text: str) -> list[Node]:
    """The node trees of all documents; ValueError if the text isn't YAML."""
    try:
        return yaml_nodes(text)
    except InputError as error:
        raise ValueError(error.message) from error


def entries(node: Node | None) -> dict[str, Node]:
    """Key → node of a map; empty for any other node."""
    from ruamel.yaml.nodes import MappingNode

    return {key.value: value for key, value in node.value} if isinstance(node, MappingNode) else {}


def items(node: Node | None) -> list[Node]:
    """The nodes of a list; empty for any other node."""
    from ruamel.yaml.nodes import SequenceNode

    return list(node.value) if isinstance(node, SequenceNode) else []


def blank_before(text: str, node: Node) -> str:
    """Only the map of `text`: the text before it becomes blanks, the text after it is left out."""
    begin, end = node.start_mark.index, node.end_mark.index
    return "".join(_blanks(text[:begin])) + text[begin:end]


def standalone_text(text: str, node: Node, value: Any) -> str | None:
    """The text of a map alone; None if it needs anchors from outside, so that it doesn't read as `value`."""
    part = blank_before(text, node)
    try:
        return part if yaml_of(part) == value else None
    except ValueError:
        return None


def _blanks(text: str) -> Iterator[str]:
    lines = text.split("\n")
    yield "\n" * (len(lines) - 1)
    yield " " * len(lines[-1])
