"""Parses the pipelines of Go templates into trees, such as `and .Values.a (eq $x "b") | not`. Never evaluates them.

Grammar: Go's text/template/parse. Anything this parser doesn't support becomes `Unread`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from chartgen.patterns import lazy_pattern

_TOKEN = lazy_pattern(
    r"""\s*(?:
        (?P<string>"(?:\\.|[^"\\\n])*"|`[^`]*`)
      | (?P<number>[-+]?\d+(?:\.\d+)?)
      | (?P<variable>\$\w*)
      | (?P<field>\.[A-Za-z_]\w*)
      | (?P<word>[A-Za-z_]\w*)
      | (?P<mark>:=|[().,|=])
    )""",
    re.VERBOSE,
)
# What walks a tree calls itself for each level, and variables put trees into trees. Charts nest some 5 levels.
_DEEPEST = 40
_WORDS = {"true": True, "false": False, "nil": None}


@dataclass(frozen=True, slots=True)
class Unread:
    """An expression that this parser doesn't support."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A string, number, boolean, or nil."""

    value: Any


@dataclass(frozen=True, slots=True)
class Dot:
    """`.`"""


@dataclass(frozen=True, slots=True)
class Variable:
    """`$name`, or the root `$` if the name is empty."""

    name: str


@dataclass(frozen=True, slots=True)
class Field:
    """`of.name`"""

    of: Node
    name: str


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its arguments; a piped value is the last one. The name of a method call is its path.

    For example, `.Capabilities.APIVersions.Has "x"` is called `Capabilities.APIVersions.Has`.
    """

    name: str
    arguments: tuple[Node, ...]


Node = Unread | Literal | Dot | Variable | Field | Call


@dataclass(frozen=True, slots=True)
class Declaration:
    """`$a, $b := expression` (or `=`): the names from left to right; a bare expression has none."""

    names: tuple[str, ...]
    value: Node


@lru_cache(maxsize=4096)
def read(expression: str) -> Declaration:
    """The declared names and the tree of one pipeline; never raises."""
    reader = _Reader(expression)
    names = reader.declared()
    node = reader.pipeline()
    return Declaration(names, node if reader.at_end and not _is_deep(node) else Unread())


def _is_deep(node: Node) -> bool:
    level: list[Node] = [node]
    for _ in range(_DEEPEST):
        level = [inner for each in level for inner in _inside(each)]
        if not level:
            return False
    return True


def _inside(node: Node) -> tuple[Node, ...]:
    if isinstance(node, Field):
        return (node.of,)
    # The object of a method call is its first argument.
    return node.arguments if isinstance(node, Call) else ()


class _Reader:
    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, str, bool]] = []
        offset, text = 0, text.strip()
        while offset < len(text):
            match = _TOKEN.match(text, offset)
            if not match:
                self._tokens.append(("unread", text[offset:], True))
                break
            kind = str(match.lastgroup)
            # `.a.b` is one chain, but `.a .b` are two arguments, so remember whether blanks came before.
            self._tokens.append((kind, match[kind], match.start(kind) > offset or offset == 0))
            offset = match.end()
        self._next = self._open = 0

    @property
    def at_end(self) -> bool:
        return self._next >= len(self._tokens)

    def declared(self) -> tuple[str, ...]:
        texts = [text for _, text, _ in self._tokens[:4]]
        for length in (1, 3):
            if len(texts) > length and texts[length] in {":=", "="} and all(t[0] == "$" for t in texts[:length:2]):
                self._next = length + 1
                return tuple(text[1:] for text in texts[:length:2])
        return ()

    def pipeline(self) -> Node:
        node = self._command(None)
        while self._peek("mark", "|"):
            self._next += 1
            node = self._command(node)
        return node

    def _command(self, piped: Node | None) -> Node:
        tail = () if piped is None else (piped,)
        if self.at_end:
            return Unread()
        kind, text, _ = self._tokens[self._next]
        if kind == "word" and text not in _WORDS and not self._field_follows():
            self._next += 1
            return Call(text, (*self._operands(), *tail))
        operands = self._operands()
        if not operands:
            return Unread()
        arguments = (*operands[1:], *tail)
        return Call(_path(operands[0]), (operands[0], *arguments)) if arguments else operands[0]

    def _field_follows(self) -> bool:
        """Whether the next token is a function whose result's field is read: `variables.code`."""
        after = self._tokens[self._next + 1 : self._next + 2]
        return any(kind == "field" and not blank_before for kind, _, blank_before in after)

    def _operands(self) -> tuple[Node, ...]:
        found: list[Node] = []
        while not self.at_end and not self._peek("mark", "|") and not self._peek("mark", ")"):
            found.append(self._chained(self._operand()))
        return tuple(found)

    def _operand(self) -> Node:  # noqa: PLR0911 - one case per kind of token
        kind, text, _ = self._tokens[self._next]
        self._next += 1
        match kind:
            case "string":
                return Literal(_unquoted(text))
            case "number":
                return Literal(float(text) if "." in text else int(text))
            case "variable":
                return Variable(text[1:])
            case "field":
                return Field(Dot(), text[1:])
            case "word":
                return Literal(_WORDS[text]) if text in _WORDS else Call(text, ())
            case "mark" if text == ".":
                return Dot()
            case "mark" if text == "(" and self._open < _DEEPEST:
                self._open += 1
                node = self.pipeline()
                self._open -= 1
                if self._peek("mark", ")"):
                    self._next += 1
                    return node
        return Unread()

    def _chained(self, node: Node) -> Node:
        while not self.at_end:
            kind, text, blank_before = self._tokens[self._next]
            if kind != "field" or blank_before:
                break
            self._next += 1
            node = Field(node, text[1:])
        return node

    def _peek(self, kind: str, text: str) -> bool:
        return not self.at_end and self._tokens[self._next][:2] == (kind, text)


def _unquoted(text: str) -> str:
    if text.startswith("`"):
        return text[1:-1]
    return re.sub(r"\\(.)", lambda match: {"n": "\n", "t": "\t"}.get(match[1], match[1]), text[1:-1])


def _path(node: Node) -> str:
    """`Capabilities.APIVersions.Has` of the field chain a method call begins with."""
    names: list[str] = []
    while isinstance(node, Field):
        names.append(node.name)
        node = node.of
    return ".".join(reversed(names))
