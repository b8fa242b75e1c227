"""One YAML document in a file that can be edited: values.yaml, a template's, or one of several plain manifests."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from chartgen.charts.gotemplate.masking import has_actions, mask_actions
from chartgen.edits.yaml_route import NodePath, dotted, find, find_at, require_unshared
from chartgen.edits.yaml_source import Source, read
from chartgen.errors import ConflictError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chartgen.charts.gotemplate.masking import MaskedTemplate
    from chartgen.charts.positions import Position


@dataclass(frozen=True, slots=True)
class YamlDocument:
    """`source` is the document, `head` and `tail` the file around it. Only templates have a `mask`."""

    path: str
    source: Source
    head: str = ""
    tail: str = ""
    mask: MaskedTemplate | None = None

    def file(self, text: str) -> bytes:
        """The whole file with the document replaced by `text`."""
        whole = self.head + text + self.tail
        return (self.mask.unmasked(whole) if self.mask else whole).encode("utf-8", "surrogateescape")

    def is_plain(self, node: Any) -> bool:
        """Whether the node is a scalar without a template action in it."""
        return node.id == "scalar" and not has_actions(self.source.text[node.start_mark.index : node.end_mark.index])


@dataclass(frozen=True, slots=True)
class EditTarget:
    """A node in a document. `offset` is that of its key in the original file, None if only the route is known."""

    document: YamlDocument
    node_path: NodePath
    offset: int | None = None

    @property
    def node(self) -> Any:
        return self.node_path.node

    def below(self, steps: Sequence[int]) -> EditTarget | None:
        """The target for an item of nested lists; None if the text has no such item."""
        path = self.node_path
        for step in steps:
            node = path.node
            if node.id != "sequence" or step >= len(node.value):
                return None
            path = NodePath((*path.steps, step), (*path.nodes, node.value[step]))
        return replace(self, node_path=path)


def find_value_target(path: str, data: bytes, route: Sequence[str | int]) -> EditTarget:
    """The target for a value; ConflictError if the file doesn't have it, or shares it through an anchor."""
    source = read(data, path)
    node_path = find(source, route, path)
    require_unshared(source, node_path, route, path)
    return EditTarget(YamlDocument(path, source), node_path)


def find_template_target(path: str, text: str, position: Position) -> EditTarget:
    """The target for the entry whose key is at `position` in a template."""
    offset = _offset(text, position)
    mask = mask_actions(text)
    start, end = mask.document(offset)
    try:
        source = read(mask.text[start:end].encode("utf-8", "surrogateescape"), path)
    except ConflictError:
        mask = mask.hiding_other_blocks(offset)
        source = read(mask.text[start:end].encode("utf-8", "surrogateescape"), path)
    node_path = find_at(source, mask.at(offset) - start)
    if node_path is None:
        raise ConflictError([f"{path}:{position.line}: the template builds this YAML with an expression"])
    require_unshared(source, node_path, (f"line {position.line}",), path)
    return EditTarget(YamlDocument(path, source, mask.text[:start], mask.text[end:], mask), node_path, offset)


def find_manifest_target(path: str, data: bytes, first: int, last: int, route: Sequence[str | int]) -> EditTarget:
    """The target for a field in a file of plain manifests, in the document between two offsets."""
    text = data.decode("utf-8")
    source = read(text[first:last].encode(), path)
    node_path = find(source, route, path)
    require_unshared(source, node_path, route, f"{path}: {dotted(route)}")
    return EditTarget(YamlDocument(path, source, text[:first], text[last:]), node_path)


def _offset(text: str, position: Position) -> int:
    offset = 0
    for _ in range(position.line - 1):
        offset = text.index("\n", offset) + 1
    return offset + position.column - 1
