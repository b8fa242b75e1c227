"""Entries renamed, nested, moved, added and deleted by their place: the text says the new thing and keeps the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chartgen.edits import yaml_entry as entries
from chartgen.edits.yaml_flow import needs_quotes
from chartgen.edits.yaml_route import NodePath, find, find_at
from chartgen.edits.yaml_source import Source, read
from chartgen.errors import ConflictError

if TYPE_CHECKING:
    from collections.abc import Callable

TEXT = """\
# top
spec:  # s
  hooks: # h
  # first
  - {name: a}
  # last
  analysis:
    # inner
    threshold: 99 # percent
    "max": 50
  flow: {threshold: 1, b: 2}
"""


def placed(text: str, *route: str | int) -> tuple[Source, NodePath]:
    source = read(text.encode(), "x")
    return source, find(source, route, "x")


@pytest.mark.parametrize(
    ("route", "key", "old", "new"),
    [
        (("spec", "analysis"), "study", "  analysis:", "  study:"),
        (("spec", "analysis", "max"), "maxWeight", '"max": 50', '"maxWeight": 50'),
        (("spec", "flow", "b"), "on", "b: 2", '"on": 2'),
        (("spec", "hooks", 0, "name"), "id", "{name: a}", "{id: a}"),
    ],
)
def test_a_key_is_renamed(route: tuple[str | int, ...], key: str, old: str, new: str) -> None:
    assert entries.key_renamed(*placed(TEXT, *route), key, "x") == TEXT.replace(old, new)


def test_a_key_is_not_renamed_to_an_existing_one() -> None:
    with pytest.raises(ConflictError, match="chartgen can't rename"):
        entries.key_renamed(*placed(TEXT, "spec", "flow", "b"), "threshold", "x")


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_an_entry_is_nested_where_it_stands(newline: str) -> None:
    text = TEXT.replace("\n", newline)
    block = entries.entry_nested(*placed(text, "spec", "analysis", "threshold"), "range", "min", "x")
    assert block == text.replace("    threshold: 99", f"    range:{newline}      min: 99")
    flow = entries.entry_nested(*placed(text, "spec", "flow", "threshold"), "range", "min", "x")
    assert flow == text.replace("threshold: 1", "range: {min: 1}")


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("first", [True, False])
def test_an_entry_is_moved_with_its_comments(newline: str, first: bool) -> None:
    text = TEXT.replace("\n", newline)
    source, place = placed(text, "spec", "hooks")
    into = find(source, ("spec", "analysis"), "x")
    moved = entries.entry_moved(source, place, into, "webhooks", "x", first=first).replace(newline, "\n")
    block = "    webhooks: # h\n    # first\n    - {name: a}\n"
    rest = TEXT.replace("  hooks: # h\n  # first\n  - {name: a}\n", "")
    anchor = "  analysis:\n" if first else '    "max": 50\n'
    assert moved == rest.replace(anchor, anchor + block)


def test_an_entry_does_not_move_into_itself() -> None:
    source, place = placed(TEXT, "spec")
    with pytest.raises(ConflictError, match="can't be moved into itself"):
        entries.entry_moved(source, place, find(source, ("spec", "analysis"), "x"), "spec", "x")


def test_an_entry_is_added_below_the_key_of_its_map() -> None:
    text = entries.entry_added(*placed(TEXT, "spec", "analysis"), "mirror", "true", "x", first=True)
    assert text == TEXT.replace("  analysis:\n", "  analysis:\n    mirror: true\n")
    flow = entries.entry_added(*placed(TEXT, "spec", "flow"), "mirror", "true", "x", first=True)
    assert flow == TEXT.replace("b: 2}", 'b: 2, "mirror": true}')


def test_duplicate_keys_are_distinguished_by_their_offset() -> None:
    text = "a:\n  b: 1\n  c: 2\n  b: 3\n"
    source = read(text.encode(), "x")
    place = find_at(source, text.index("b: 1"))
    assert place is not None
    assert entries.value_set(source, place, "7", "x") == text.replace("b: 1", "b: 7")
    assert entries.entry_deleted(source, place, "x") == "a:\n  c: 2\n  b: 3\n"
    assert find_at(source, text.index("1")) is None


KEYS = st.sampled_from(["a", "b", "c d", "on", "é"])
VALUES = st.sampled_from(["1", "x # no", "'q'", "|\n    text\n    more", "{f: 1}", "[1, 2]", "\n  - i\n  - j"])
LINES = st.lists(st.tuples(KEYS, VALUES, st.sampled_from(["", "# above\n", "\n"])), min_size=1, max_size=4, unique_by=lambda line: line[0])  # fmt: skip


@given(LINES, st.integers(0, 3), st.sampled_from(["rename", "delete", "nest"]))
def test_whatever_is_edited_the_rest_says_what_it_said(
    lines: list[tuple[str, str, str]], number: int, how: str
) -> None:
    text = "".join(f"{above}{entries.key_text(key)}: {value}\n" for key, value, above in lines)
    key, _, _ = lines[number % len(lines)]
    edits: dict[str, Callable[[Source, NodePath], str]] = {
        "rename": lambda source, place: entries.key_renamed(source, place, "new", "x"),
        "delete": lambda source, place: entries.entry_deleted(source, place, "x"),
        "nest": lambda source, place: entries.entry_nested(source, place, "new", "in", "x"),
    }
    before = plain(text)
    try:
        after = plain(edits[how](*placed(text, key)))
    except ConflictError:
        assert how == "nest"  # of single values on one line only
        return
    value = before.pop(key)
    expected: dict[str, dict[str, object]] = {
        "rename": {"new": value},
        "delete": {},
        "nest": {"new": {"in": value}},
    }
    assert after == {**before, **expected[how]}


def plain(text: str) -> dict[str, object]:
    from ruamel.yaml import YAML

    return dict(YAML(typ="safe", pure=True).load(text) or {})


@pytest.mark.parametrize("text", ["10s", "http://x/y", "autoscaling/v2", "istio", "web-app", "a.b_c", "gatewayapi:v1"])
def test_plain_text_needs_no_quotes(text: str) -> None:
    assert not needs_quotes(text)


@pytest.mark.parametrize("text", ["", "80", "1:30", "yes", "on", "null", "~", "a: b", "a #b", "- a", "{a", "a, b", "*a", "@a", "1e3", "0x1", "2027-01-01", " a"])  # fmt: skip
def test_what_could_be_anything_else_needs_quotes(text: str) -> None:
    assert needs_quotes(text)
