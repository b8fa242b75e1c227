"""The nodes of a plain YAML text, as most values.yaml are: block mappings and sequences of one-line scalars.

ruamel needs 60 ms for 200 lines, half of it to load. Whatever isn't surely read here as ruamel reads it (flow
mappings, anchors, tags, scalars of several lines, odd characters) is left to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_BYTES = 256 * 1024
_DEPTH = 40
# No tab, no carriage return, no character that ruamel refuses or takes for the end of a line.
_PLAIN_TEXT = lazy_pattern(r"[\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff]*")
# Python compiles this one much faster.
_PLAIN_ASCII = lazy_pattern(r"[\n\x20-\x7e]*")
_KEY = lazy_pattern(r"(?P<quote>[\"']?)(?P<name>[A-Za-z_][A-Za-z0-9_./-]*)(?P=quote) *:(?: +(?P<value>.*))?$")
_COMMENT = r"(?: +#.*)? *$"
_SCALAR = lazy_pattern(
    r"((?:[A-Za-z0-9_./]|-(?=[A-Za-z0-9_]))(?:[!-9;-~]|:(?=[!-~]))*(?: +[!\"$-9;-~](?:[!-9;-~]|:(?=[!-~]))*)*"
    r"|\"[^\"\\]*\"|'[^']*'|\{\}|\[\])" + _COMMENT
)
_ITEM = r"(?:[A-Za-z0-9_/][A-Za-z0-9_./-]*(?: [A-Za-z0-9_./-]+)*|\"[^\"\\]*\"|'[^']*')"
_ITEMS = lazy_pattern(_ITEM)
_FLOW_SEQUENCE = lazy_pattern(rf"(\[ *{_ITEM}(?: *, *{_ITEM})* *\])" + _COMMENT)
_NOTHING = lazy_pattern(r"(?:#.*)?$")
_BLOCK = lazy_pattern(r"[|>][+-]?" + _COMMENT)


class UnsureError(Exception):
    """The text has something that only a YAML library should read."""


class Mark(NamedTuple):
    """A place; both numbers are 0-based."""

    line: int
    column: int


class Node(NamedTuple):
    """Part of a text, with the attributes of ruamel's nodes; the end of a mapping or sequence isn't known."""

    id: str
    value: Any
    start_mark: Mark
    end_mark: Mark | None


class _Line(NamedTuple):
    number: int
    indent: int
    text: str


def plain_node(text: str) -> Node:
    """The root mapping of a plain text; UnsureError for any other text."""
    plain = _PLAIN_ASCII if text.isascii() else _PLAIN_TEXT
    if len(text) > _MOST_BYTES or not plain.fullmatch(text):
        raise UnsureError
    reader = _Reader(list(_lines(text)))
    first = reader.line()
    if first is None or first.indent or _is_item(first):
        raise UnsureError
    node = reader.block(0)
    if reader.line() is not None:
        raise UnsureError
    return node


def _lines(text: str) -> Iterator[_Line]:
    """The lines with content, without those of block scalars."""
    skipped: int | None = None
    first: int | None = None
    for number, line in enumerate(text.split("\n")):
        content = line.lstrip(" ")
        indent = len(line) - len(content)
        if skipped is not None:
            if not content.strip():
                if content or line:
                    raise UnsureError  # spaces in a block scalar
                continue
            if indent > skipped:
                first = first or indent
                if indent < first:
                    raise UnsureError
                continue
            skipped = None
        if not content or content.startswith("#"):
            continue
        yield _Line(number, indent, content)
        key = _KEY.match(content)
        if key and key["value"] and _BLOCK.match(key["value"]):
            skipped, first = indent, None


def _is_item(line: _Line) -> bool:
    return line.text == "-" or line.text.startswith("- ")


class _Reader:
    """Reads lines, one after the other."""

    def __init__(self, lines: list[_Line]) -> None:
        self._lines = lines
        self._next = 0
        self._depth = 0

    def line(self) -> _Line | None:
        """The next line, None at the end."""
        return self._lines[self._next] if self._next < len(self._lines) else None

    def block(self, indent: int) -> Node:
        """The mapping or the sequence that the next line begins."""
        line = self.line()
        if line is None or line.indent != indent or self._depth > _DEPTH:
            raise UnsureError
        self._depth += 1
        node = self._sequence(indent) if _is_item(line) else self._mapping(indent)
        self._depth -= 1
        return node

    def _mapping(self, indent: int) -> Node:
        pairs: list[tuple[Node, Node]] = []
        names: set[str] = set()
        start = None
        while (line := self.line()) is not None and line.indent == indent:
            found = _KEY.match(line.text)
            if not found or found["name"] in names:
                raise UnsureError
            names.add(found["name"])
            mark = Mark(line.number, indent)
            start = start or mark
            end = indent + found.end("name") + len(found["quote"])
            key = Node("scalar", found["name"], mark, Mark(line.number, end))
            self._next += 1
            value = self._value(line, indent + found.start("value"), found["value"]) if found["value"] else None
            pairs.append((key, value or self._below(line, may_be_beside=True)))
        self._ends(indent)
        assert start is not None
        return Node("mapping", pairs, start, None)

    def _sequence(self, indent: int) -> Node:
        items: list[Node] = []
        start = self._lines[self._next]
        while (line := self.line()) is not None and line.indent == indent and _is_item(line):
            rest = line.text[1:].lstrip(" ")
            column = indent + len(line.text) - len(rest)
            if not rest or rest.startswith("#"):
                self._next += 1
                items.append(self._below(line, may_be_beside=False))
            elif rest.startswith("- ") or _KEY.match(rest):
                self._lines[self._next] = _Line(line.number, column, rest)
                items.append(self.block(column))
            else:
                self._next += 1
                items.append(self._value(line, column, rest) or _nothing(line))
        self._ends(indent)
        return Node("sequence", items, Mark(start.number, indent), None)

    def _value(self, line: _Line, column: int, text: str) -> Node | None:
        """The scalar on a line, None if there is only a comment."""
        if _NOTHING.match(text):
            return None
        if not _is_item(line) and _BLOCK.match(text):
            return Node("scalar", None, Mark(line.number, column), None)
        following = self.line()
        if following is not None and following.indent > line.indent:
            raise UnsureError
        flow = _FLOW_SEQUENCE.match(text)
        if flow:
            return _flow_sequence(line, column, flow[1])
        found = _SCALAR.match(text)
        if not found:
            raise UnsureError
        start, end = Mark(line.number, column), Mark(line.number, column + len(found[1]))
        kinds = {"{}": "mapping", "[]": "sequence"}
        return Node(kinds.get(found[1], "scalar"), () if found[1] in kinds else found[1], start, end)

    def _below(self, line: _Line, *, may_be_beside: bool) -> Node:
        """The value on the lines below a key or a dash; the items of a key may have its own indent."""
        following = self.line()
        if following is not None and following.indent > line.indent:
            return self.block(following.indent)
        if may_be_beside and following is not None and following.indent == line.indent and _is_item(following):
            return self.block(following.indent)
        return _nothing(line)

    def _ends(self, indent: int) -> None:
        following = self.line()
        if following is not None and following.indent > indent:
            raise UnsureError


def _flow_sequence(line: _Line, column: int, text: str) -> Node:
    """`[a, "b"]`, all of the text."""

    def mark(offset: int) -> Mark:
        return Mark(line.number, column + offset)

    items = [Node("scalar", item[0], mark(item.start()), mark(item.end())) for item in _ITEMS.finditer(text)]
    return Node("sequence", items, mark(0), mark(len(text)))


def _nothing(line: _Line) -> Node:
    """A null without any text."""
    return Node("scalar", "", Mark(line.number, line.indent), None)
