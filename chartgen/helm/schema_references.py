"""References of a JSON Schema to other servers or files, found in its text: Helm would fetch or open them.

Helm loads `$ref`, `$dynamicRef` and `$recursiveRef` over HTTP or from the disk, in every subschema and in any
value that a JSON pointer refers to. Helm 4 also loads the `$schema` of any of them (verified with helm 3.17, 4.1, 4.3
and the embedded one: tests/hostile/test_schema_references.py). No Helm loads a reference that begins with `#`.

The text is scanned, not parsed, so no nesting is too deep and both values of a duplicate key are found.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOKEN = lazy_pattern(r'"[^"\\]*(?:\\.[^"\\]*)*\\?(?:"|\Z)|[{}\[\]:,]', re.DOTALL)
_REFERENCES = frozenset({"$ref", "$dynamicRef", "$recursiveRef"})
# Every Helm contains these drafts; helm 3.17 fetches the others if a `$ref` refers to them.
_HELD_BY_ALL = lazy_pattern(r"http://json-schema\.org/draft-0[467]/schema#?")
_HELD_AS_DIALECT = lazy_pattern(
    r"https?://json-schema\.org/(?:draft-0[467]/schema|draft/(?:2019-09|2020-12)/schema|schema)#?"
)
# Below these lie names, not keywords; below those data, unless a pointer leads into it.
_NAMES = frozenset({"properties", "patternProperties", "definitions", "$defs", "dependentSchemas", "dependencies"})
_DATA = frozenset({"const", "enum"})
_INTO_DATA = lazy_pattern(r"const|enum|%|\\")


class SchemaReference(NamedTuple):
    """One keyword that refers to something outside. `start` and `end` are the key's place in the text, with quotes."""

    keyword: str
    target: str
    start: int
    end: int

    def line_of(self, text: str) -> int:
        """The line of the key, from 1."""
        return text.count("\n", 0, self.start) + 1

    def column_of(self, text: str) -> int:
        """The column of the key in bytes, from 1."""
        before = text[text.rfind("\n", 0, self.start) + 1 : self.start]
        return len(before.encode("utf-8", "surrogateescape")) + 1


@dataclass(slots=True)
class _Level:
    is_map: bool
    names: bool = False
    data: bool = False
    key: tuple[str, int, int] | None = None
    has_colon: bool = False


class _Entry(NamedTuple):
    """A key whose value is a string."""

    keyword: str
    target: str
    start: int
    end: int
    data: bool


def references_outside(text: str) -> list[SchemaReference]:
    """All references to something outside the schema, in the order of the text."""
    entries = list(_entries(text))
    into_data = any(entry.keyword in _REFERENCES and _INTO_DATA.search(entry.target) for entry in entries)
    return [
        SchemaReference(entry.keyword, entry.target, entry.start, entry.end)
        for entry in entries
        if _is_outside(entry) and (into_data or not entry.data)
    ]


def without_references(text: str) -> str:
    """The schema with each such keyword renamed to `$comment`, so the keywords next to it still apply."""
    pieces, done = [], 0
    for reference in references_outside(text):
        pieces += [text[done : reference.start], '"$comment"']
        done = reference.end
    return "".join([*pieces, text[done:]])


def _is_outside(entry: _Entry) -> bool:
    if entry.keyword == "$schema":
        return not _HELD_AS_DIALECT.fullmatch(entry.target)
    if entry.keyword not in _REFERENCES or not entry.target or entry.target.startswith("#"):
        return False
    return not _HELD_BY_ALL.fullmatch(entry.target)


def _entries(text: str) -> Iterator[_Entry]:
    levels = [_Level(is_map=False)]
    for token in _TOKEN.finditer(text):
        mark, level = token.group(), levels[-1]
        if mark in "{[":
            levels.append(_below(level, is_map=mark == "{"))
        elif mark in "}]":
            if len(levels) > 1:
                levels.pop()
        elif mark == ":":
            level.has_colon = True
        elif mark == ",":
            level.key, level.has_colon = None, False
        elif level.is_map and not level.has_colon:
            level.key = (_string(mark), token.start(), token.end())
        elif level.is_map and level.key:
            yield _Entry(level.key[0], _string(mark), level.key[1], level.key[2], level.data)


def _below(level: _Level, *, is_map: bool) -> _Level:
    key = level.key[0] if level.is_map and level.key and not level.names else ""
    return _Level(is_map, names=is_map and key in _NAMES, data=level.data or key in _DATA)


def _string(token: str) -> str:
    try:
        return str(json.loads(token, strict=False))
    except ValueError:
        return token.strip('"')
