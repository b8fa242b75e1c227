"""Edits of values.yaml at a place in a list: one item goes, every other byte stays."""

from __future__ import annotations

import pytest

from chartgen.edits.yaml_update import remove_item
from chartgen.errors import ConflictError

LIST = b"""a:
# first
- name: one
  # inside
  limits:
    max: 1 # most

- name: two
  text: |
    lines

  # of two
- three
b: 1
"""


@pytest.mark.parametrize(
    ("index", "gone"),
    [
        (0, b"- name: one\n  # inside\n  limits:\n    max: 1 # most\n"),
        (1, b"- name: two\n  text: |\n    lines\n"),
        (2, b"- three\n"),
    ],
)
def test_an_item_is_removed(index: int, gone: bytes) -> None:
    assert gone in LIST
    assert remove_item(LIST, ("a", index)) == LIST.replace(gone, b"")
    windows = LIST.replace(b"\n", b"\r\n")
    assert remove_item(windows, ("a", index)) == LIST.replace(gone, b"").replace(b"\n", b"\r\n")


def test_the_last_line_of_a_file_without_a_line_break() -> None:
    assert remove_item(b"a:\n  - 1\n  - 2", ("a", 1)) == b"a:\n  - 1\n"


@pytest.mark.parametrize(
    ("data", "route"),
    [
        (b"a: [1, 2]\n", ("a", 0)),
        (b"a:\n- 1\n", ("a", 0)),
        (b"a: &x\n- 1\n- 2\nb: *x\n", ("a", 0)),
        (b"a:\n- - 1\n  - 2\n", ("a", 0, 0)),
    ],
)
def test_an_unsafe_edit_is_rejected(data: bytes, route: tuple[str | int, ...]) -> None:
    with pytest.raises(ConflictError):
        remove_item(data, route)
