"""Edits of values.yaml, checked by Helm: the values it reads before and after differ only by the edit."""

from __future__ import annotations

import copy
import random
import tarfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chartgen.edits.yaml_text import add_top_level_block, delete_key, insert_key, set_scalar
from chartgen.errors import ConflictError
from tests.conftest import LONG_RUN

helm = pytest.importorskip("helm_python")

CHARTS = Path(__file__).parents[3] / "shared/charts/charts.tar.gz"
# Every third real file; all of them in the long run.
STEP = 1 if LONG_RUN else 3
BOM = b"\xef\xbb\xbf"
BLOCK = """\
enable: true
service:
  # who calls
  hosts: []
canaryAnalysis:
  interval: 60s
  threshold: 5

  metrics:
  - name: request-duration
    thresholdRange:
      max: 500
"""


def _values(data: bytes) -> dict[str, Any]:
    """The file as Helm reads it: its loader strips the BOM (pkg/chart/loader/archive.go)."""
    read: dict[str, Any] = helm.values_from_yaml(data.removeprefix(BOM).decode())
    return read or {}


def _removed(before: bytes, after: bytes) -> bytes:
    """What of `before` gave way to the block: the bytes between the common beginning and end, comments left out."""
    shorter = min(len(before), len(after))
    head = next((at for at in range(shorter) if before[at] != after[at]), shorter)
    tail = next((at for at in range(shorter - head) if before[-1 - at] != after[-1 - at]), shorter - head)
    return before[head : len(before) - tail].split(b"#")[0].strip()


def _add(before: bytes, block: str = BLOCK) -> bytes:
    """The edit under test, judged by Helm."""
    after = add_top_level_block(before, "canary", block)
    assert _values(after) == {**_values(before), "canary": _values(block.encode())}
    return after


NASTY = {
    "empty": b"",
    "bom alone": BOM,
    "blank": b"\n\n",
    "spaces without a line break": b"   ",
    "comments alone": b"# Default values.\n# None.\n",
    "comment without a line break": b"# Default values.",
    "last line in a literal": b"a: |\n  text\n",
    "last line in a literal that is cut off": b"b: 1\n# about a\na: |\n  text",
    "last line in a kept literal": b"a: |+\n  text\n\n\n",
    "last line in a kept literal that is cut off": b"a: |+\n  text",
    "last line in a stripped literal that is cut off": b"a: |-\n  text",
    "last line in a folded scalar that is cut off": b"a: >\n  text",
    "last line of a literal looks like a comment": b"a: |\n  text\n  # not a comment\n",
    "last line of a literal is white": b"a: |\n  text\n    ",
    "literal with a given indent": b"a: |2\n    text\n  # not a comment\n",
    "kept literal and a comment behind it": b"a: |+\n  text\n\n# a comment",
    "literal without text": b"a: |",
    "only key is a cut off literal": b"a: |\n  text",
    "indented root": b"  a: 1\n  b:\n    c: 2\n",
    "indented root that ends in a literal": b"  a: |\n   text",
    "no line break at the end": b"a: 1",
    "trailing white lines": b"a: 1\n  \n   ",
    "trailing comment, indented": b"a:\n  b: 1\n  # c: 2",
    "crlf": b"a: 1\r\nb: |\r\n  text\r\n\r\n",
    "crlf without one at the end": b"# text\r\na: 1",
    "mixed line ends": b"a: 1\r\nb: 2\nc: 3\r\n",
    "cr alone": b"a: 1\rb: 2\r",
    "bom": BOM + b"a: 1\n",
    "bom and a mark": BOM + b"# text\n---\na: 1\n",
    "document mark": b"---\na: 1\n",
    "document mark alone": b"---",
    "document end": b"a: 1\n...\n",
    "document end and a comment": b"a: 1\n...\n# the end\n",
    "an empty second document": b"a: 1\n---\n# nothing\n",
    "marks around nothing": b"---\n# nothing\n...\n",
    "directive": b"%YAML 1.1\n---\na: yes\n",
    "null": b"null\n",
    "tilde with a comment": b"~ # nothing\n",
    "empty map": b"{}\n",
    "empty map under comments": b"# Default values.\n{}",
    "empty map with a comment": b"--- {} # nothing\n",
    "empty map over lines": b"{\n}\n",
    "empty map with a comment inside": b"{ # nothing\n}\n",
    "empty map, anchored": b"&root {}\n",
    "flow": b"{a: 1}\n",
    "flow with a comma": b"{a: 1,}\n",
    "flow without a value": b"{a}",
    "flow over lines": b'{\n  "a": 1, # one\n  "b": [1, 2] # two, three\n}\n',
    "flow over lines with a comma": b"{\n  a: 1,\n  b: 2, # two\n}\n",
    "anchors and merges": b"a: &a {b: 1}\nc:\n  <<: *a\nd: *a\n",
    "an anchor given twice": b"a: &x 1\nb: &x 2\nc: *x\n",
    "anchored root": b"&root\na: 1\n",
    "tagged root": b"!!map\na: 1\n",
    "explicit key": b"? a\n: b\n",
    "key without a value": b"a:",
    "quoted over lines": b'a: "one\n  two"\n',
    "plain over lines": b"a: one\n  two\n",
    "sequence at the key's column": b"a:\n- 1\n- 2",
    "tab before a comment": b"a: 1\t# one\nb:\t2\n",
    "duplicate keys": b"a: 1\na: 2\n",
    "line separator in a string": "a: 'one\u2028two'\n".encode(),
    "marks in a literal": b"a: |\n  ---\n  ...\n",
}


@pytest.mark.parametrize("before", NASTY.values(), ids=NASTY)
def test_a_block_is_added_to(before: bytes) -> None:
    after = _add(before)
    assert _removed(before, after) in {b"", b"{}", b"{\n}", b"null", b"~"}
    assert after.startswith(BOM) == before.startswith(BOM)


@pytest.mark.parametrize("before", NASTY.values(), ids=NASTY)
def test_a_block_that_ends_in_a_literal_is_added_to(before: bytes) -> None:
    _add(before, "enable: true\nkept: |+\n  text\n\n")
    _add(before, "enable: true\nclipped: |\n  text\n")


def test_the_block_comes_last_after_a_blank_line() -> None:
    assert _add(b"a: 1\n# the end\n", "enable: true\n") == b"a: 1\n# the end\n\ncanary:\n  enable: true\n"
    assert _add(b"a: 1\r\n\r\n", "enable: true\n") == b"a: 1\r\n\r\ncanary:\r\n  enable: true\r\n\r\n"
    assert _add(b"a: 1", "enable: true\n") == b"a: 1\n\ncanary:\n  enable: true"
    assert _add(b"---\na: 1\n...\n", "enable: true\n") == b"---\na: 1\n\ncanary:\n  enable: true\n...\n"
    assert _add(b"a: |+\n  text\n\n", "enable: true\n") == b"a: |+\n  text\n\ncanary:\n  enable: true\n\n"
    assert _add(b"# none\n{}\n", "enable: true\n") == b"# none\ncanary:\n  enable: true\n"
    assert _add(b'{"a": 1}\n', "enable: true\nnum: 010\ns: 60s\n") == (
        b'{"a": 1, "canary": {"enable": true, "num": 010, "s": "60s"}}\n'
    )


def test_a_literal_that_is_cut_off_keeps_the_last_place() -> None:
    before = b"b: 1\n\n# about a\na: |\n  text"
    assert _add(before, "enable: true\n") == b"b: 1\n\ncanary:\n  enable: true\n\n# about a\na: |\n  text"


@pytest.mark.parametrize(
    ("before", "message"),
    [
        (b"a: 1\n---\nb: 2\n", " contains several YAML documents, and Helm reads only the first"),
        (b"---\n---\na: 1\n", " contains several YAML documents, and Helm reads only the first"),
        (b"- a\n- b\n", ": the root is a sequence, not a map"),
        (b"just text\n", ": the root is a scalar, not a map"),
        (b"a: [\n", " is not valid YAML"),
        (b"a: b: c\n", " is not valid YAML"),
        (b"a: caf\xe9\n", r" is not UTF-8 text \(byte 6\)"),
        ("a: 1\n".encode("utf-16"), " is not UTF-8 text"),
        (b"canary: 1\n", " already has canary"),
        (b"x: &x {canary: 1}\n<<: *x\n", " already has canary"),
        (b"a: " + b"[" * 3000 + b"]" * 3000, " is not valid YAML"),
    ],
)
def test_an_unsafe_block_is_rejected(before: bytes, message: str) -> None:
    with pytest.raises(ConflictError, match=f"conf/values.yaml{message}"):
        add_top_level_block(before, "canary", BLOCK, path="conf/values.yaml")


def test_an_alias_bomb_does_no_harm() -> None:
    bomb = b"a: &a [x, x]\n" + b"".join(
        f"{chr(number)}: &{chr(number)} [*{chr(number - 1)}, *{chr(number - 1)}]\n".encode()
        for number in range(98, 123)
    )
    assert add_top_level_block(bomb, "canary", BLOCK).startswith(bomb)


@pytest.mark.parametrize(
    ("before", "route", "text", "after"),
    [
        (b"a: 1 # one\n", ("a",), "2", b"a: 2 # one\n"),
        (b"a:\n  b: 'x'\r\n", ("a", "b"), '"y"', b'a:\n  b: "y"\r\n'),
        (b"a:\n  - x\n  - y\n", ("a", 1), "z", b"a:\n  - x\n  - z\n"),
        (b"{a: {b: 1}, c: 2}\n", ("a", "b"), "3", b"{a: {b: 3}, c: 2}\n"),
        (b"a: # none\nb: 1\n", ("a",), "2", b"a: 2 # none\nb: 1\n"),
        (b"a:\n# comment\nb: 1\n", ("a",), "2", b"a: 2\n# comment\nb: 1\n"),
        (b"a: |\n  x\n  y\n\nb: 1\n", ("a",), "z", b"a: z\n\nb: 1\n"),
        (b"a: &a 1\nb: 2\n", ("a",), "3", b"a: &a 3\nb: 2\n"),
        (b"a: one\n  two\nb: 1\n", ("a",), "three", b"a: three\nb: 1\n"),
        (b"a: 1\na: 2\n", ("a",), "3", b"a: 1\na: 3\n"),
        (b"app.kubernetes.io/name: x\n", ("app.kubernetes.io/name",), "y", b"app.kubernetes.io/name: y\n"),
    ],
)
def test_a_scalar_is_replaced(before: bytes, route: tuple[str | int, ...], text: str, after: bytes) -> None:
    assert set_scalar(before, route, text) == after


@pytest.mark.parametrize(
    ("before", "route", "key", "text", "after"),
    [
        (b"a:\n  b: 1 # one\nc: 2\n", ("a",), "d", "3", b"a:\n  b: 1 # one\n  d: 3\nc: 2\n"),
        (b"a:\n    b: 1\n", ("a",), "d", "e: 1\nf: 2\n", b"a:\n    b: 1\n    d:\n      e: 1\n      f: 2\n"),
        (b"a:\n- b: 1\n", ("a", 0), "c", "2", b"a:\n- b: 1\n  c: 2\n"),
        (b"a: {}\nb: 1\n", ("a",), "c", "2", b"a:\n  c: 2\nb: 1\n"),
        (b"a: {} # none\n", ("a",), "c", "2", b"a: # none\n  c: 2\n"),
        (b"a:\nb: 1\n", ("a",), "c", "2", b"a:\n  c: 2\nb: 1\n"),
        (b"a: {b: 1}\n", ("a",), "c", "[x]", b'a: {b: 1, "c": ["x"]}\n'),
        (b"{a: }\n", ("a",), "c", "2", b'{a: {"c": 2} }\n'),
        (b"a:\n  b: |+\n    x\n\nc: 1\n", ("a",), "d", "2", b"a:\n  b: |+\n    x\n\n  d: 2\nc: 1\n"),
        (b"a:\n  b: *b\n".replace(b"a:", b"z: &b 1\na:"), ("a",), "c", "2", b"z: &b 1\na:\n  b: *b\n  c: 2\n"),
        (b"a:\n  b: 1", ("a",), "c", "2", b"a:\n  b: 1\n  c: 2"),
        (b"a: 1\n", (), "on", "2", b'a: 1\n\n"on": 2\n'),
    ],
)
def test_a_key_is_inserted(before: bytes, route: tuple[str | int, ...], key: str, text: str, after: bytes) -> None:
    assert insert_key(before, route, key, text) == after


@pytest.mark.parametrize(
    ("before", "route", "after"),
    [
        (b"a: 1\n# about b\nb: 2 # two\nc: 3\n", ("b",), b"a: 1\n# about b\nc: 3\n"),
        (b"a:\n  b:\n    c: 1\n\n  d: 2\n", ("a", "b"), b"a:\n\n  d: 2\n"),
        (b"a:\n- b: 1\n  c: 2\n", ("a", 0, "b"), b"a:\n- c: 2\n"),
        (b"a:\n  b: 1\nc: 2\n", ("a", "b"), b"a:\n  {}\nc: 2\n"),
        (b"{a: 1, b: 2}\n", ("a",), b"{b: 2}\n"),
        (b"{a: 1, b: 2}\n", ("b",), b"{a: 1}\n"),
        (b"a: 1\nb: |\n  x\n\n", ("b",), b"a: 1\n\n"),
    ],
)
def test_a_key_is_deleted(before: bytes, route: tuple[str | int, ...], after: bytes) -> None:
    assert delete_key(before, route) == after


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda: set_scalar(b"a: {b: 1}\n", ("a",), "1"), "values.yaml: a is not a single value"),
        (lambda: set_scalar(b"a: 1\n", ("b", "c"), "1"), "values.yaml has no b"),
        (lambda: set_scalar(b"a: &a 1\nb: *a\n", ("b",), "2"), "b is shared through a YAML anchor"),
        (lambda: set_scalar(b"a: !!str 1\n", ("a",), "2"), "chartgen can't set values.yaml: a"),
        (
            lambda: set_scalar(b"a: 1\n", ("a",), "2 # x\nb: 1"),
            "is not a single YAML value|is not valid YAML|can't set",
        ),
        (lambda: insert_key(b"a: 1\n", ("a",), "b", "1"), "a is a scalar, not a map"),
        (lambda: insert_key(b"a: &a {x: 1}\nb: {<<: *a}\n", ("a",), "c", "1"), "shared through a YAML anchor"),
        (lambda: delete_key(b"a: 1\na: 2\n", ("a",)), "values.yaml has a more than once"),
        (lambda: delete_key(b"a: [1]\n", ("a", 0)), r"a\[0\] is not a key of a map"),
        (lambda: delete_key(b"a: 1\n", ()), "the root is not a key of a map"),
    ],
)
def test_an_unsafe_edit_is_rejected(edit: Any, message: str) -> None:
    with pytest.raises(ConflictError, match=message):
        edit()


KEYS = st.sampled_from(["image", '"quoted key"', "a.b/c", "replicas", "&anchored keyed", "'1'"])
SCALARS = ["1", "'x: y'", '"a\\nb"', "plain text # comment", "", "~", "{}", "[a,\n    b]", "{x: 1, y: [2]}", "&{n} v"]
BLOCKS = [
    "|{c}\n{i}  text\n{i}  # not a comment\n",
    "|{c}\n{i}  text\n\n{i}    more\n\n\n",
    ">{c}\n{i}  folded\n{i}  text\n\n",
    "|{c}\n",
    "\n{i}  nested: 1\n{i}  # comment\n{i}  other:\n{i}  - a\n{i}  - b: |{c}\n{i}      deep\n",
    "one\n{i}  two\n",
    '"one\n{i}  two"\n',
    "\n{i}- 1\n{i}-\n{i}  x: |{c}\n{i}    text\n\n",
]


@st.composite
def values_files(draw: st.DrawFn) -> bytes:
    """Files of a few nasty entries, cut off, padded, marked and written in each kind of line ends."""
    indent = draw(st.sampled_from(["", "", "  "]))
    entries = []
    for number in range(draw(st.integers(0, 4))):
        value = draw(st.sampled_from(SCALARS)).replace("{n}", f"n{number}") + "\n"
        if draw(st.booleans()):
            chomp = draw(st.sampled_from(["", "-", "+"]))
            value = draw(st.sampled_from(BLOCKS)).replace("{i}", indent).replace("{c}", chomp)
        lead = draw(st.sampled_from(["", "", "\n", f"{indent}# about it\n", "# left\n\n"]))
        key = draw(KEYS).replace("keyed", f"key{number}").replace("&anchored", f"&k{number}")
        entries.append(f"{lead}{indent}{key}: {value}")
    begin = draw(st.sampled_from(["", "", "---\n", "# Default values.\n\n", "--- # values\n"]))
    end = draw(st.sampled_from(["", "", "\n\n", "   ", "# end", "# end\n", "...\n", "---\n", "  # end\n"]))
    text = begin + "".join(entries) + end
    if draw(st.booleans()):
        text = text[:-1]
    newline = draw(st.sampled_from(["\n", "\n", "\r\n"]))
    return draw(st.sampled_from([b"", b"", BOM])) + text.replace("\n", newline).encode()


@settings(max_examples=200, deadline=None)
@given(values_files(), st.sampled_from([BLOCK, "enable: true\n", "a: |+\n  kept\n\n", "a: |\n  clipped\n"]))
def test_whatever_helm_reads_takes_a_block(before: bytes, block: str) -> None:
    try:
        values = _values(before)
    except helm.HelmError:
        return
    after = add_top_level_block(before, "canary", block)
    assert _values(after) == {**values, "canary": _values(block.encode())}
    assert _removed(before, after) in {b"", b"{}", b"null", b"~"}


def _real_files() -> dict[str, bytes]:
    if not CHARTS.exists():
        pytest.skip(f"{CHARTS} is not there: the real charts are kept beside the checkout")
    found: dict[bytes, str] = {}
    with tarfile.open(CHARTS) as archive:
        for member in archive:
            name = member.name.rsplit("/", 1)[-1]
            content = archive.extractfile(member) if name.startswith("values") and name.endswith(".yaml") else None
            if content is not None:
                found.setdefault(content.read(), member.name)
    return {name: data for data, name in list(found.items())[::STEP] if _is_read(data)}


def _is_read(data: bytes) -> bool:
    try:
        _values(data)
    except (helm.HelmError, UnicodeDecodeError):
        return False
    return True


@pytest.mark.slow
def test_real_files_take_a_block() -> None:
    files = _real_files()
    assert len(files) > 200 // STEP
    for name, before in files.items():
        key = "canary" if "canary" not in _values(before) else "canaryOfTest"
        after = add_top_level_block(before, key, BLOCK)
        assert _values(after) == {**_values(before), key: _values(BLOCK.encode())}, name
        assert _removed(before, after) in {b"", b"{}"}, name


def _routes(value: Any, route: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for step, below in pairs for found in [(*route, step), *_routes(below, (*route, step))]]


def _holder(values: Any, route: tuple[str | int, ...]) -> Any:
    for step in route[:-1]:
        values = values[step]
    return values


@pytest.mark.slow
def test_any_edit_of_real_files_is_right_or_rejected() -> None:
    chance = random.Random(20)
    made = refused = 0
    for name, before in _real_files().items():
        values = _values(before)
        routes = _routes(values)
        for route in chance.sample(routes, min(2, len(routes))):
            value = _holder(values, route)[route[-1]]
            expected = copy.deepcopy(values)
            try:
                if isinstance(value, dict) or value is None:
                    after = insert_key(before, route, "ofTest", "x: 1\nz: [2]\n")
                    _holder(expected, route)[route[-1]] = {**(value or {}), "ofTest": {"x": 1, "z": [2]}}
                elif isinstance(value, list) and isinstance(route[-1], str):
                    after = delete_key(before, route)
                    del _holder(expected, route)[route[-1]]
                elif not isinstance(value, list):
                    after = set_scalar(before, route, "'of test'")
                    _holder(expected, route)[route[-1]] = "of test"
                else:
                    continue
            except ConflictError:
                refused += 1
                continue
            assert _values(after) == expected, (name, route)
            made += 1
    assert made > 100 * max(refused, 1) / 10, (made, refused)


@settings(max_examples=200, deadline=None)
@given(values_files(), st.data())
def test_an_edit_of_any_entry_is_right_or_rejected(before: bytes, data: st.DataObject) -> None:
    try:
        values = _values(before)
    except helm.HelmError:
        return
    routes = _routes(values)
    if not routes:
        return
    route = data.draw(st.sampled_from(routes))
    kind = data.draw(st.sampled_from(["set", "delete", "insert"]))
    expected = copy.deepcopy(values)
    try:
        if kind == "set":
            after = set_scalar(before, route, "'of test'")
            _holder(expected, route)[route[-1]] = "of test"
        elif kind == "delete":
            after = delete_key(before, route)
            del _holder(expected, route)[route[-1]]
        else:
            after = insert_key(before, route, "ofTest", "x: |+\n  text\n\nz: [2]\n")
            below = _holder(expected, route)[route[-1]] or {}
            _holder(expected, route)[route[-1]] = {**below, "ofTest": {"x": "text\n\n", "z": [2]}}
    except ConflictError:
        return
    assert _values(after) == expected


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"m:\n  b: 1\n  # x\n  # y\n  a: 1\n", b"m:\n  b: 1\n"),
        (b"m:\r\n  # x\r\n  # y\r\n  a: 1\r\n  b: 1\r\n", b"m:\r\n  b: 1\r\n"),
        (b"m:\n  # x\n  # mine\n  a: 1\n  b: 1\n", b"m:\n  # x\n  # mine\n  b: 1\n"),
        (b"m:\n  # y\n  a: 1\n  b: 1\n", b"m:\n  # y\n  b: 1\n"),
        (b"m:\n # x\n  # y\n  a: 1\n  b: 1\n", b"m:\n # x\n  # y\n  b: 1\n"),
        (b"m: {a: 1, b: 1}\n", b"m: {b: 1}\n"),
        (b"# y\nm: {a: 1}\n", b"# y\nm: {}\n"),
    ],
)
def test_known_comments_are_removed_with_a_key_if_they_are_exactly_those_above_it(before: bytes, after: bytes) -> None:
    assert delete_key(before, ("m", "a"), comments=("# x", "# y")) == after


def test_comments_at_the_start_of_a_file_are_compared_within_it() -> None:
    assert delete_key(b"# y\na: 1\nb: 1\n", ("a",), comments=("# x", "# y")) == b"# y\nb: 1\n"
