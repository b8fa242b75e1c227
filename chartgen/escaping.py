"""Text of a chart on its way to a person: nothing in it may drive the terminal or the CI system that shows it.

A chart chooses file names, object names, hosts and `fail` messages. What comes out as prose passes `shown` (or
`shown_line`) and, where it may reach the log of a CI job, `without_commands`. Formats that machines read keep the text
exact and escape it by their own rules; `json_text` does so for JSON.
"""

from __future__ import annotations

import json
import re
from typing import Any

from chartgen.patterns import lazy_pattern

# C0 without tab and newline, DEL, C1; marks that reorder text (Trojan Source); separators that some terminals and log
# viewers take for line ends; invisible ones; surrogates, which stand for bytes that are not UTF-8.
_UNSEEN = "\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u061c\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u2069\\ufeff\\ud800-\\udfff"
_CONTROL = lazy_pattern(f"[{_UNSEEN}]")
# GitHub (runner: ActionCommand.cs), GitLab, Azure Pipelines and TeamCity read commands from what a job prints.
_COMMAND = lazy_pattern(r"^(\s*):(?=:)|#(?=#(?:\[|vso\[|teamcity\[))", re.MULTILINE)
_ERROR_LINES = 20


def shown(text: str) -> str:
    """The text with control characters, bidirectional marks and undecodable bytes spelled out; lines and tabs stay."""
    return _CONTROL.sub(_spelled, text)


def shown_line(text: str) -> str:
    """The text on one line: `shown`, with line ends spelled out too."""
    return shown(text).replace("\n", "\\n")


def without_commands(text: str) -> str:
    """The text with the first character of every workflow command spelled out, so that no CI system obeys it.

    GitHub takes a line that begins with `::name`, and `##[name]` anywhere in a line.
    """
    return _COMMAND.sub(lambda match: match[1] + r"\x3a" if match[0].endswith(":") else r"\x23", text)


def first_lines(text: str, limit: int = _ERROR_LINES) -> str:
    """At most `limit` lines of somebody else's error, and how many were left out."""
    lines = text.split("\n")
    if len(lines) <= limit:
        return text
    return "\n".join([*lines[:limit], f"… {len(lines) - limit} more lines"])


def wrapped(text: str, width: int | None, indent: str = "  ") -> str:
    """The text with lines of at most `width` columns; continued lines are indented. Words are never broken."""
    if width is None or all(len(line) <= width for line in text.split("\n")):
        return text
    import textwrap

    fill = textwrap.TextWrapper(width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    return "\n".join(line if len(line) <= width else fill.fill(line) for line in text.split("\n"))


def json_text(document: Any) -> str:
    """The document as indented JSON, safe to print: what `shown` and `without_commands` spell out is escaped as JSON
    does it. No line of JSON begins with a colon, and outside of strings there is no `#`.
    """
    return _escaped_json(json.dumps(document, indent=2, ensure_ascii=False)) + "\n"


def json_line(value: Any) -> str:
    """The value as JSON on one line, as safe as `json_text`."""
    return _escaped_json(json.dumps(value, ensure_ascii=False))


def _escaped_json(text: str) -> str:
    return _COMMAND.sub(_json_escape, _CONTROL.sub(_json_escape, text))


def _spelled(match: re.Match[str]) -> str:
    code = ord(match[0])
    if 0xDC80 <= code <= 0xDCFF:  # noqa: PLR2004 - surrogateescape: U+DC80 to U+DCFF stand for bytes 0x80 to 0xff
        return f"\\x{code - 0xDC00:02x}"
    return f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}"  # noqa: PLR2004


def _json_escape(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"
