"""Parses the block structure of a Go template without running it: actions, blocks, and conditions around an offset.

Only Helm decides what a template renders. This module answers which `if`, `with`, `range`, or `define` encloses an
offset, and whether a piece of text can be moved as a whole. Grammar: Go's text/template/parse.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

_OPENERS = frozenset({"if", "with", "range", "define", "block"})
_KEYWORDS = _OPENERS | {"else", "end", "template", "break", "continue"}
_ASSIGNMENT = lazy_pattern(r"^\$(?P<name>\w+)\s*(?:,\s*\$(?P<second>\w+)\s*)?:?=\s*(?P<value>.+)$", re.DOTALL)
_VARIABLE = lazy_pattern(r"\$(\w+)")
_WORD = lazy_pattern(r"[a-z]+")
_STRINGS = lazy_pattern(r'"(?:\\.|[^"\\\n])*"|`[^`]*`|\'(?:\\.|[^\'\\\n])*\'')
_STOP = lazy_pattern(_STRINGS.pattern + r"|\}\}")
_COMMENT = lazy_pattern(r"\s*/\*.*?\*/", re.DOTALL)


class Action(NamedTuple):
    """One `{{ … }}` at the offsets `[start, end)`. `body` is the text inside, without trim markers and blanks."""

    start: int
    end: int
    body: str
    trims_left: bool
    trims_right: bool

    @property
    def is_comment(self) -> bool:
        return self.body.startswith("/*")

    @property
    def keyword(self) -> str:
        """`if`, `else`, `end`, `template`, and so on, or the empty string for a pipeline."""
        word = _WORD.match(self.body)
        return word.group() if word and word.group() in _KEYWORDS else ""

    @property
    def expression(self) -> str:
        """The text after the keyword: X for `if X` and `else if X`, the body for a pipeline."""
        body = self.body
        if self.keyword == "else":
            body = body[4:].lstrip()
            word = _WORD.match(body)
            return body[word.end() :].strip() if word and word.group() in _OPENERS else ""
        return body[len(self.keyword) :].strip()

    @property
    def assigned(self) -> tuple[str, ...]:
        """The names of the variables that `$x := …` or `$x = …` assigns."""
        match = None if self.keyword or self.is_comment else _ASSIGNMENT.match(self.body)
        return tuple(name for name in (match["name"], match["second"]) if name) if match else ()


class Condition(NamedTuple):
    """One branch around an offset. `excluded` holds the expressions of the branches before it, which are all false.

    `expression` is empty for `else`. `kind` is the keyword of the block: if, with, range, define, or block.
    """

    kind: str
    expression: str
    excluded: tuple[str, ...]
    opener: Action
    end: Action


class Block(NamedTuple):
    """A block from its opener to its `end`, with the `else` actions in between."""

    opener: Action
    elses: tuple[Action, ...]
    end: Action

    def condition_at(self, offset: int) -> Condition:
        """The branch of this block that contains `offset`."""
        excluded: list[str] = []
        current = self.opener
        for branch in self.elses:
            if offset < branch.end:
                break
            excluded.append(current.expression)
            current = branch
        return Condition(self.opener.keyword, current.expression, tuple(excluded), self.opener, self.end)


class GoTemplate(NamedTuple):
    """A parsed template file. `sound` is False if its blocks don't match, in which case Helm rejects the file."""

    text: str
    actions: tuple[Action, ...]
    blocks: tuple[Block, ...]
    sound: bool

    def conditions_at(self, offset: int) -> tuple[Condition, ...]:
        """The branches around `offset`, outermost first."""
        enclosing = [block for block in self.blocks if block.opener.end <= offset < block.end.start]
        return tuple(block.condition_at(offset) for block in sorted(enclosing, key=lambda block: block.opener.start))

    def depths(self) -> dict[int, int]:
        """Start of each block's opening action → the number of blocks around it."""
        found: dict[int, int] = {}
        ends: list[int] = []
        for block in sorted(self.blocks, key=lambda block: block.opener.start):
            while ends and ends[-1] <= block.opener.start:
                ends.pop()
            found[block.opener.start] = len(ends)
            ends.append(block.end.end)
        return found

    def actions_between(self, start: int, end: int) -> Iterator[Action]:
        """The actions inside [start, end)."""
        return (action for action in self.actions if start <= action.start and action.end <= end)

    def is_balanced(self, start: int, end: int) -> bool:
        """Whether [start, end) contains whole actions and whole blocks only."""
        depth = 0
        for action in self.actions:
            if action.end <= start or action.start >= end:
                continue
            if action.start < start or action.end > end:
                return False
            depth += (action.keyword in _OPENERS) - (action.keyword == "end")
            if depth < 0 or (depth == 0 and action.keyword == "else"):
                return False
        return depth == 0

    def definitions(self) -> Iterator[tuple[str, Block]]:
        """The named templates of this file: name and block."""
        for block in self.blocks:
            if block.opener.keyword == "define":
                yield block.opener.expression.strip('"` '), block

    def line_of(self, offset: int) -> int:
        """The 1-based line of `offset`."""
        return self.text.count("\n", 0, offset) + 1


@lru_cache(maxsize=512)
def parse(text: str) -> GoTemplate:
    """Parse `text`; never raises. Unmatched blocks are left out, and `sound` is False."""
    actions = tuple(_actions(text))
    blocks: list[Block] = []
    stack: list[tuple[Action, list[Action]]] = []
    sound = True
    for action in actions:
        if action.keyword in _OPENERS:
            stack.append((action, []))
        elif action.keyword == "else":
            sound = sound and bool(stack)
            if stack:
                stack[-1][1].append(action)
        elif action.keyword == "end":
            sound = sound and bool(stack)
            if stack:
                opener, elses = stack.pop()
                blocks.append(Block(opener, tuple(elses), action))
    return GoTemplate(text, actions, tuple(blocks), sound and not stack)


def variables_in(expression: str) -> frozenset[str]:
    """The names of the `$variables` in an expression, without `$` itself, the root."""
    return frozenset(_VARIABLE.findall(without_strings(expression)))


def without_strings(expression: str) -> str:
    """The expression with blanks in its string literals; offsets stay the same."""
    return _STRINGS.sub(lambda match: match.group()[0] + " " * (len(match.group()) - 2) + match.group()[-1], expression)


def _actions(text: str) -> Iterator[Action]:
    start = text.find("{{")
    while start >= 0:
        trims_left = text.startswith("{{-", start) and text[start + 3 : start + 4].isspace()
        inside = start + (3 if trims_left else 2)
        close = _closing_delimiter(text, inside)
        if close < 0:
            return
        trims_right = text[close - 1] == "-" and (text[close - 2].isspace() or text[close - 3 : close - 1] == "*/")
        body = text[inside : close - 1 if trims_right else close].strip()
        yield Action(start, close + 2, body, trims_left, trims_right)
        start = text.find("{{", close + 2)


def _closing_delimiter(text: str, offset: int) -> int:
    """The offset of the `}}` that ends the action whose text begins at `offset`, -1 if there is none."""
    comment = _COMMENT.match(text, offset)
    if comment:
        return text.find("}}", comment.end())
    while True:
        stop = _STOP.search(text, offset)
        if not stop:
            return -1
        if stop.group() == "}}":
            return stop.start()
        offset = stop.end()


def line_start(text: str, offset: int) -> int:
    """The offset where the line of `offset` begins."""
    return text.rfind("\n", 0, offset) + 1


def lines_with_offsets(text: str) -> list[tuple[int, str]]:
    """(offset, line with its line ending) of each line."""
    found: list[tuple[int, str]] = []
    offset = 0
    for line in text.splitlines(keepends=True):
        found.append((offset, line))
        offset += len(line)
    return found
