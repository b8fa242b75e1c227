"""One YAML document in a file that can be edited: values.yaml, a template's, or one of several plain manifests."""

from __future__ import annotations

from collections.abc import Callable
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
    """`source` is the document, `head` and `tail` the file around it. `mask` is there for templates only."""

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
        """Whether the node is a scalar that stands there as it is, no action in it."""
        return node.id == "scalar" and not has_actions(self.source.text[node.start_mark.index : node.end_mark.index])


@dataclass(frozen=True, slots=True)
class EditTarget:
    """A place in a sheet. `offset` is that of its key in the original file, None where only the route is known."""

    sheet: YamlDocument
    place: NodePath
    offset: int | None = None

    @property
    def node(self) -> Any:
        return self.place.node

    def below(self, steps: Sequence[int]) -> EditTarget | None:
        """The spot of an item further down the lists; None where the text has no such item."""
        place = self.place
        for step in steps:
            node = place.node
            if node.id != "sequence" or step >= len(node.value):
                return None
            place = NodePath((*place.steps, step), (*place.nodes, node.value[step]))
        return replace(self, place=place)


# Writes one edit: the sheet's document as it should be.
Edit = Callable[[EditTarget], str]


def values_spot(path: str, data: bytes, route: Sequence[str | int]) -> EditTarget:
    """The spot of a value; ConflictError where the file does not hold it, or shares it through an anchor."""
    source = read(data, path)
    place = find(source, route, path)
    require_unshared(source, place, route, path)
    return EditTarget(YamlDocument(path, source), place)


def template_spot(path: str, text: str, position: Position) -> EditTarget:
    """The spot of the entry whose key stands at `position` in a template."""
    offset = _offset(text, position)
    mask = mask_actions(text)
    start, end = mask.document(offset)
    source = read(mask.text[start:end].encode("utf-8", "surrogateescape"), path)
    place = find_at(source, mask.at(offset) - start)
    if place is None:
        raise ConflictError([f"{path}:{position.line}: the template builds this YAML with an expression"])
    require_unshared(source, place, (f"line {position.line}",), path)
    return EditTarget(YamlDocument(path, source, mask.text[:start], mask.text[end:], mask), place, offset)


def manifest_spot(path: str, data: bytes, first: int, last: int, route: Sequence[str | int]) -> EditTarget:
    """The spot of a field in a file of plain manifests, in the document that lies between two offsets."""
    text = data.decode("utf-8")
    source = read(text[first:last].encode(), path)
    place = find(source, route, path)
    require_unshared(source, place, route, f"{path}: {dotted(route)}")
    return EditTarget(YamlDocument(path, source, text[:first], text[last:]), place)


def _offset(text: str, position: Position) -> int:
    offset = 0
    for _ in range(position.line - 1):
        offset = text.index("\n", offset) + 1
    return offset + position.column - 1
