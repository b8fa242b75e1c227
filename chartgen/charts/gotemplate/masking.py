"""A Go template read as YAML: its actions masked as words and comments, so that what is plain text in it can be edited.

An action that has a line to itself becomes a comment, any other a word. Both are single tokens of characters from
Unicode's private use area, and unmasking puts the actions back as they were: an edit between them keeps every byte.
What the text then means is not decided here: Helm renders it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chartgen.charts.gotemplate.blocks import parse
from chartgen.errors import ConflictError

if TYPE_CHECKING:
    from chartgen.charts.gotemplate.blocks import Action

# A word, the comment in place of a line, and the end of both. The `#` of a comment is part of its token.
_WORD, _LINE, _CLOSE = "\ue000", "#\ue001", "\ue002"
_TOKEN = re.compile(f"(?:{_WORD}|{_LINE})(\\d+){_CLOSE}")
_RESERVED = re.compile("[\ue000-\ue002]")
_SEPARATOR = re.compile(r"^---(?=\s)[^\n]*\n", re.MULTILINE)
_OPENERS = {"if", "with", "range", "define", "block"}
_PARTS = {"else", "break", "continue"}


@dataclass(frozen=True, slots=True)
class Masked:
    """`text` is the masked template; `tokens` are start and end of each action in it."""

    text: str
    original: str
    actions: tuple[Action, ...]
    tokens: tuple[tuple[int, int], ...]

    def at(self, offset: int) -> int:
        """The offset in the masked text of an offset of the original that lies in no action."""
        shift = 0
        for action, (start, end) in zip(self.actions, self.tokens, strict=True):
            if action.end > offset:
                break
            shift = end - action.end
            assert start <= end
        return offset + shift

    def unmasked(self, text: str) -> str:
        """The actions put back into an edited text."""
        return _TOKEN.sub(lambda match: self._action(int(match[1])), text)

    def is_balanced(self, text: str) -> bool:
        """Whether a piece of masked text opens and ends its own blocks only."""
        depth = 0
        for match in _TOKEN.finditer(text):
            keyword = self.actions[int(match[1])].keyword
            depth += (keyword in _OPENERS) - (keyword == "end")
            if depth < 0 or (depth == 0 and keyword in _PARTS):
                return False
        return depth == 0

    def document(self, offset: int) -> tuple[int, int]:
        """Start and end of the document (or the body of the `define`) that an offset of the original lies in."""
        around = [one for one in parse(self.original).conditions_at(offset) if one.kind in {"define", "block"}]
        start = self.at(around[-1].opener.end) if around else 0
        end = self.at(around[-1].end.start) if around else len(self.text)
        inside = self.at(offset)
        for mark in _SEPARATOR.finditer(self.text, start, end):
            if mark.end() <= inside:
                start = mark.end()
            else:
                return start, mark.start()
        return start, end

    def _action(self, number: int) -> str:
        action = self.actions[number]
        return self.original[action.start : action.end]


def has_actions(text: str) -> bool:
    """Whether a piece of masked text holds an action."""
    return _TOKEN.search(text) is not None


def masked(text: str) -> Masked:
    """The template with its actions masked; ConflictError where its blocks do not match."""
    template = parse(text)
    if not template.sound or _RESERVED.search(text):
        raise ConflictError(["the template cannot be read"], hint="edit it by hand")
    pieces: list[str] = []
    tokens: list[tuple[int, int]] = []
    length = last = 0
    for number, action in enumerate(template.actions):
        before = text[last : action.start]
        is_line = _begins_line(before, not last) and _alone(template.actions, number, text)
        token = f"{_LINE if is_line else _WORD}{number}{_CLOSE}"
        length += len(before)
        tokens.append((length, length + len(token)))
        length += len(token)
        pieces += [before, token]
        last = action.end
    return Masked("".join(pieces) + text[last:], text, template.actions, tuple(tokens))


def _begins_line(before: str, at_the_start: bool) -> bool:
    """Whether nothing but blanks stands on the line in front; `before` is the text behind the last action."""
    line_start = before.rfind("\n")
    return not before[line_start + 1 :].strip(" \t\ufeff") and (line_start >= 0 or at_the_start)


def _alone(actions: tuple[Action, ...], number: int, text: str) -> bool:
    """Whether the rest of the line holds actions only."""
    end = actions[number].end
    for following in actions[number + 1 :]:
        between = text[end : following.start]
        if "\n" in between or between.strip(" \t\r"):
            break
        end = following.end
    return not text[end:].split("\n", 1)[0].strip(" \t\r")
