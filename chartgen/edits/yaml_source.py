"""A YAML file as text, with the nodes of its only document. ruamel.yaml provides their positions; it never writes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from chartgen.errors import ConflictError, InputError
from chartgen.inputs.yaml import yaml_nodes
from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

BOM = "\ufeff"
_DOCUMENT_MARK = lazy_pattern(r"^(?:---|\.\.\.)(?=\s|\Z)", re.MULTILINE)
_LINE_BREAK = lazy_pattern(r"\r\n|\r|\n|\Z")
_DIRECTIVE = lazy_pattern(r"%YAML[^\r\n]*")
_COLON = lazy_pattern(r"\s*:")
_PROPERTIES = lazy_pattern(r"(?:[&!]\S*\s+)*")


@dataclass(frozen=True, slots=True)
class Source:
    """A file's text, including its BOM. `root` is a ruamel node, None in a file that is empty or has only comments.

    `prolog` makes ruamel read another text in the same version of YAML: it is the file's `%YAML` line, if any.
    """

    text: str
    root: Any
    newline: str
    prolog: str

    def compose(self, text: str, path: str) -> tuple[Any, str]:
        """The node of a value in this file's version of YAML, and the text that its positions refer to."""
        roots = composed(self.prolog + text, path)
        if len(roots) != 1:
            raise ConflictError([f"{text!r} is not a single YAML value"], hint="write it as one YAML value")
        return roots[0], self.prolog + text

    @property
    def document_end(self) -> int:
        """The end of the document: its `...`, the `---` of an empty second document, or the end of the text."""
        mark = _DOCUMENT_MARK.search(self.text, self.root.start_mark.index if self.root is not None else 0)
        return mark.start() if mark else len(self.text)

    def line_start(self, offset: int) -> int:
        """The offset of the first character of the line, after a BOM."""
        start = max(self.text.rfind("\n", 0, offset), self.text.rfind("\r", 0, offset)) + 1
        return start + self.text.startswith(BOM, start)

    def line_end(self, offset: int) -> int:
        """The offset of the line break that ends the line, or of the end of the text."""
        return _line_break(self.text, offset).start()

    def next_line(self, offset: int) -> int:
        """The offset after the line break that ends the line."""
        return _line_break(self.text, offset).end()

    def span(self, node: Any, key: Any) -> slice:
        """The node's characters without its anchor and tag; for an empty value, the offset after the colon of `key`."""
        if is_void(node) and key is not None:
            colon = _COLON.match(self.text, key.end_mark.index)
            end = colon.end() if colon else key.end_mark.index
            return slice(end, end)
        found = _PROPERTIES.match(self.text, node.start_mark.index, node.end_mark.index)
        start = found.end() if found else node.start_mark.index
        return slice(start, max(start, node.end_mark.index))


def _line_break(text: str, offset: int) -> re.Match[str]:
    found = _LINE_BREAK.search(text, offset)
    assert found is not None, "the pattern matches the end of any text"
    return found


def read(data: bytes, path: str) -> Source:
    """The file's text and nodes. Raises ConflictError, with `path` in its message, unless it is one YAML document."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ConflictError([f"{path} is not UTF-8 text (byte {error.start})"], hint="save it as UTF-8") from error
    roots = composed(text, path)
    if any(not is_void(root) for root in roots[1:]):
        raise ConflictError(
            [f"{path} contains several YAML documents, and Helm reads only the first"], hint="remove the others"
        )
    directive = _DIRECTIVE.match(text.removeprefix(BOM))
    prolog = f"{directive[0].strip()}\n---\n" if directive else ""
    return Source(text, roots[0] if roots else None, _newline(text), prolog)


def composed(text: str, path: str, *, expands: bool = False) -> list[Any]:
    """The root node of each document; their positions are offsets of `text`. `expands`: as `yaml_nodes`."""
    try:
        return _nodes(text, expands=expands)
    except InputError as error:
        # go-yaml accepts a tab between tokens, ruamel doesn't. A space in its place keeps all positions.
        if "\t" in text and "\\t" in str(error):
            return composed(text.replace("\t", " "), path, expands=expands)
        problem = " ".join(str(error).split())[:160]
        raise ConflictError([f"{path} is not valid YAML: {problem}"], hint="correct it and run again") from error


@lru_cache(maxsize=16)
def _nodes(text: str, *, expands: bool) -> list[Any]:
    """The nodes, which nobody changes: an edit that can be undone reads most texts twice."""
    return yaml_nodes(text, "safe", expands=expands)


def is_void(node: Any) -> bool:
    """Whether the node is an empty text, which YAML reads as null."""
    return is_null(node) and bool(node.start_mark.index == node.end_mark.index)


def is_null(node: Any) -> bool:
    """Whether the node is null."""
    return bool(node.id == "scalar" and str(node.tag).endswith(":null"))


def is_flow(node: Any) -> bool:
    """Whether the node is a map or sequence in flow style."""
    return node.id != "scalar" and bool(node.flow_style)


def walk(node: Any, seen: set[int] | None = None) -> Iterator[tuple[Any, bool]]:
    """`node` and every node in it in document order, each with True if an alias refers to it again."""
    seen = set() if seen is None else seen
    again = id(node) in seen
    yield node, again
    seen.add(id(node))
    if again or node.id == "scalar":
        return
    for child in node.value:
        for descendant in child if node.id == "mapping" else (child,):
            yield from walk(descendant, seen)


def _newline(text: str) -> str:
    """The line break that most lines of the file end with."""
    counts = {"\r\n": text.count("\r\n")}
    counts["\n"] = text.count("\n") - counts["\r\n"]
    counts["\r"] = text.count("\r") - counts["\r\n"]
    return max(counts, key=lambda newline: (counts[newline], newline == "\n"))
