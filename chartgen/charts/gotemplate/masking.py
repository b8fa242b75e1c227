"""Masks the actions of a Go template as words and comments, so that the YAML between them can be edited.

An action on a line of its own becomes a comment, any other a word. Both are single tokens of characters from Unicode's
private use area. Unmasking restores the actions, so an edit between them keeps every other byte. Only Helm decides what
the edited template renders.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from chartgen.charts.gotemplate.blocks import parse
from chartgen.errors import ConflictError
from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from chartgen.charts.gotemplate.blocks import Action

# The beginning of a word, of a comment that replaces a line, and the end of both. The `#` is part of the token.
_WORD, _LINE, _CLOSE = "\ue000", "#\ue001", "\ue002"
_TOKEN = lazy_pattern(f"(?:{_WORD}|{_LINE})(\\d+){_CLOSE}")
_RESERVED = lazy_pattern("[\ue000-\ue003]")
# In place of the first two blanks of a line that an edit elsewhere needn't parse.
_HIDDEN = "#\ue003"
_INDENTED = lazy_pattern(r"^  (?=\s*\S)", re.MULTILINE)
_SEPARATOR = lazy_pattern(r"^---(?=\s)[^\n]*\n", re.MULTILINE)
_OPENERS = {"if", "with", "range", "define", "block"}
_PARTS = {"else", "break", "continue"}


@dataclass(frozen=True, slots=True)
class MaskedTemplate:
    """`text` is the masked template; `tokens` are the start and end of each action's token in it."""

    text: str
    original: str
    actions: tuple[Action, ...]
    tokens: tuple[tuple[int, int], ...]

    def at(self, offset: int) -> int:
        """The offset in the masked text for an offset of the original that isn't inside an action."""
        shift = 0
        for action, (start, end) in zip(self.actions, self.tokens, strict=True):
            if action.end > offset:
                break
            shift = end - action.end
            assert start <= end
        return offset + shift

    def unmasked(self, text: str) -> str:
        """An edited masked text with its actions restored."""
        return _TOKEN.sub(lambda match: self._action(int(match[1])), text.replace(_HIDDEN, "  "))

    def hiding_other_blocks(self, offset: int) -> MaskedTemplate:
        """The same template with the indented lines of every block as comments, but of those around `offset`.

        Branches that are never rendered together needn't be valid YAML together.
        """
        text = self.text
        for block in parse(self.original).blocks:
            if not block.opener.start <= offset < block.end.end:
                start, end = self.at(block.opener.end), self.at(block.end.start)
                text = text[:start] + _INDENTED.sub(_HIDDEN, text[start:end]) + text[end:]
        return replace(self, text=text)

    def is_balanced(self, text: str) -> bool:
        """Whether a piece of masked text contains whole blocks only."""
        depth = 0
        for match in _TOKEN.finditer(text):
            keyword = self.actions[int(match[1])].keyword
            depth += (keyword in _OPENERS) - (keyword == "end")
            if depth < 0 or (depth == 0 and keyword in _PARTS):
                return False
        return depth == 0

    def document(self, offset: int) -> tuple[int, int]:
        """Start and end, in the masked text, of the document or `define` that contains an offset of the original."""
        conditions = parse(self.original).conditions_at(offset)
        definitions = [condition for condition in conditions if condition.kind in {"define", "block"}]
        start = self.at(definitions[-1].opener.end) if definitions else 0
        end = self.at(definitions[-1].end.start) if definitions else len(self.text)
        masked_offset = self.at(offset)
        for separator in _SEPARATOR.finditer(self.text, start, end):
            if separator.end() <= masked_offset:
                start = separator.end()
            else:
                return start, separator.start()
        return start, end

    def _action(self, number: int) -> str:
        action = self.actions[number]
        return self.original[action.start : action.end]


def has_actions(text: str) -> bool:
    """Whether a piece of masked text contains an action."""
    return _TOKEN.search(text) is not None


def mask_actions(text: str) -> MaskedTemplate:
    """The template with its actions masked; raises ConflictError if its blocks don't match."""
    template = parse(text)
    if not template.sound or _RESERVED.search(text):
        raise ConflictError(["chartgen can't parse the template"], hint="make the edit by hand")
    pieces: list[str] = []
    tokens: list[tuple[int, int]] = []
    length = last = 0
    for number, action in enumerate(template.actions):
        before = text[last : action.start]
        is_line = _begins_line(before, not last) and _ends_line(template.actions, number, text)
        token = f"{_LINE if is_line else _WORD}{number}{_CLOSE}"
        length += len(before)
        tokens.append((length, length + len(token)))
        length += len(token)
        pieces += [before, token]
        last = action.end
    return MaskedTemplate("".join(pieces) + text[last:], text, template.actions, tuple(tokens))


def _begins_line(before: str, at_the_start: bool) -> bool:
    """Whether only blanks precede on the line; `before` is the text after the previous action."""
    line_start = before.rfind("\n")
    return not before[line_start + 1 :].strip(" \t\ufeff") and (line_start >= 0 or at_the_start)


def _ends_line(actions: tuple[Action, ...], number: int, text: str) -> bool:
    """Whether only actions and blanks follow on the line."""
    end = actions[number].end
    for following in actions[number + 1 :]:
        between = text[end : following.start]
        if "\n" in between or between.strip(" \t\r"):
            break
        end = following.end
    return not text[end:].split("\n", 1)[0].strip(" \t\r")
