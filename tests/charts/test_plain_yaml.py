"""Plain YAML is read without ruamel, and every position in it is the one that ruamel finds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chartgen.charts import positions
from chartgen.charts.plain_yaml import UnsureError, plain_node
from tests.conftest import CHARTS

if TYPE_CHECKING:
    from collections.abc import Iterator

VALUES = sorted(CHARTS.glob("*/values.yaml"))


def routes(node: Any, prefix: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield prefix
    children: list[tuple[Any, Any]] = list(enumerate(node.value)) if node.id == "sequence" else []
    if node.id == "mapping":
        children = [(str(key.value), value) for key, value in node.value]
    for step, child in children:
        yield from routes(child, (*prefix, step))


def compared(text: str) -> int:
    """Compare all positions in a text with ruamel's; returns how many, 0 if the text isn't plain."""
    try:
        plain = plain_node(text)
    except UnsureError:
        return 0
    composed, count = positions._composed(text), 0
    assert composed is not None, text
    assert list(routes(plain)) == list(routes(composed)), text
    for route in routes(plain):
        for key in (True, False):
            try:
                found = positions._position(plain, route, key=key)
            except UnsureError:
                continue
            assert found == positions._position(composed, route, key=key), (text, route, key)
            count += 1
    return count


def test_the_values_of_charts() -> None:
    counts = [compared(file.read_text(encoding="utf-8")) for file in VALUES]
    assert sum(counts) > 300
    assert sum(map(bool, counts)) > len(counts) / 2


@pytest.mark.parametrize(
    "text",
    [
        "a: &x 1\n",
        "a: {b: 1}\n",
        "a: [b: 1]\n",
        "a: [b\n",
        "a: [*b]\n",
        "a: [- b]\n",
        "a: [b,]\n",
        "a: [b:c]\n",
        "a: one\n  two\n",
        "a: 'one\n  two'\n",
        'a: "\\t"\n',
        "a:\tb\n",
        "a: !!str b\n",
        "a: b: c\n",
        "a: 1\na: 2\n",
        "---\na: 1\n",
        "a: 1\n---\nb: 2\n",
        "a: |2\n   b\n",
        "a: 1\r\n",
        "  a: 1\nb: 2\n",
        "a:\n    b: 1\n  c: 2\n",
        "- a\n",
        "<<: x\n",
        "? a\n: b\n",
        "a: \x07\n",
        "a: b #\u2028c\n",
        "a: |\n    b\n  c\n",
        "a: `b\n",
        "a: @b\n",
    ],
)
def test_what_is_not_plain_is_left_to_ruamel(text: str) -> None:
    with pytest.raises(UnsureError):
        plain_node(text)


def test_a_position_of_each_kind() -> None:
    text = "# top\na:\n- b: x\n  c: |\n    text: 1\n- d\ne: {}  # end\nf: http://x:1/y#z\n"
    assert compared(text) > 0
    position = positions.position_of(text, ("a", 0, "c"))
    assert position == positions.Position(4, 3, 4, 4)
    assert positions.position_of(text, ("a", 1)) == positions.Position(6, 3, 6, 4)
    assert positions.position_of(text, ("a", 0)) == positions.Position(3, 3, 6, 1)
    assert positions.position_of(text, ("a", 7)) is None
    assert positions.top_level_keys(text) == ("a", "e", "f")


PIECES = st.sampled_from(
    ["a:", "b:", "a: 1", "b: x y", "c: ''", "- a", "- b: 1", "-", "- - c", "# x", "", "d: |", "e: >-  # f", "f: {}",
     "g: a:b", "h: a#b", "i: -", "j: --", "k: 'a' b", "- 'c'", "l :", "m: a - b", "n: a: b", 'o: "#" # c', "x",
     "p: a\\", "...", "q: *a", "r: .", "- # c", "s: a ,b", "t: 1 #", "w: [a, 'b,]', \"c\" ]  # ]", "- [d e, -f]", "y: [ ,]", "z: [a: b]", "aa: [/x-y]z",
     "ab: [.]", "ac: [1, '']",
     "'b': 1", '"ad" : x', "'ae: 1", "'af' g: 1", "- 'ag': 1", '"a":', "u:  2", "null: 1", "v: %a"]
)  # fmt: skip


@given(st.lists(st.tuples(st.sampled_from([0, 0, 2, 2, 4, 1, 3]), PIECES), max_size=9), st.booleans())
def test_random_lines(lines: list[tuple[int, str]], ends: bool) -> None:
    compared("\n".join(" " * indent + piece for indent, piece in lines) + ("\n" if ends else ""))
