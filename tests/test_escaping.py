"""What a chart may not do to a terminal or a CI log, and what stays exact."""

from __future__ import annotations

import json
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chartgen.escaping import first_lines, json_text, shown, shown_line, without_commands

# GitHub's runner: a line that begins with `::name` (ActionCommand.TryParseV2), `##[name` anywhere (TryParse).
_OBEYED = re.compile(r"^\s*::[a-z]|##\[|##vso\[|##teamcity\[", re.MULTILINE)
_ANY = st.text(st.characters(codec=None, categories=["L", "N", "P", "S", "Z", "Cc", "Cf", "Cs"]))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain, tab\tand\nline", "plain, tab\tand\nline"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\rb\x08\x7f\x9b", "a\\x0db\\x08\\x7f\\x9b"),
        ("abc\u202egnp.exe\u2066", "abc\\u202egnp.exe\\u2066"),
        ("caf\u00e9 \u65e5\u672c", "caf\u00e9 \u65e5\u672c"),
        ("\udcff\ud800", "\\xff\\ud800"),
        ("a\u2028b\u200bc\ufeff", "a\\u2028b\\u200bc\\ufeff"),
    ],
)
def test_terminal_control_characters_are_escaped(text: str, expected: str) -> None:
    assert shown(text) == expected


def test_a_single_line_stays_a_single_line() -> None:
    assert shown_line("a\nb\r\nc\x85d") == "a\\nb\\x0d\\nc\\x85d"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("::error::x", "\\x3a:error::x"),
        ("fine\n  ::set-env name=A::b", "fine\n  \\x3a:set-env name=A::b"),
        ("std::vector a::b", "std::vector a::b"),
        ("see ##[group]x ##vso[task]", "see \\x23#[group]x \\x23#vso[task]"),
        ("## heading", "## heading"),
    ],
)
def test_workflow_commands_lose_their_first_character(text: str, expected: str) -> None:
    assert without_commands(text) == expected


@given(_ANY)
def test_no_text_drives_a_terminal_or_a_workflow(text: str) -> None:
    safe = without_commands(shown(text))
    assert not _OBEYED.search(safe)
    assert {character for character in safe if unicodedata.category(character) in {"Cc", "Cs"}} <= {"\t", "\n"}
    safe.encode("utf-8")
    assert len(shown_line(text).splitlines()) <= 1


@given(st.dictionaries(_ANY, st.lists(_ANY)))
def test_json_is_exact_and_safe(document: dict[str, list[str]]) -> None:
    text = json_text(document)
    assert json.loads(text) == document
    assert not {character for character in text if unicodedata.category(character) in {"Cc", "Cs"}} - {"\n"}
    text.encode("utf-8")


def test_a_long_error_is_cut() -> None:
    text = "\n".join(map(str, range(25)))
    assert first_lines(text).splitlines() == [*map(str, range(20)), "… 5 more lines"]
    assert first_lines("a\nb") == "a\nb"
