"""The judge is Git, and GNU patch where it is installed: the diff must turn the old files into the new ones."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chartgen.edits.diff import unified_diff
from chartgen.edits.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

CASES: dict[str, tuple[dict[str, bytes], dict[str, bytes | None]]] = {
    "a changed and a new file": ({"values.yaml": b"a: 1\n"}, {"values.yaml": b"a: 2\n", "templates/c.yaml": b"x\n"}),
    "no newline before": ({"v": b"a: 1"}, {"v": b"a: 1\nb: 2\n"}),
    "no newline after": ({"v": b"a: 1\n"}, {"v": b"a: 1\nb: 2"}),
    "no newline on either side": ({"v": b"a: 1\nb: 1"}, {"v": b"a: 1\nb: 2"}),
    "a new file without a newline": ({}, {"v": b"a: 1"}),
    "a new empty file": ({}, {"v": b""}),
    "a deleted file": ({"v": b"a: 1\nb: 2", "w": b"c: 3\n"}, {"v": None}),
    "a file that becomes empty": ({"v": b"a: 1\n"}, {"v": b""}),
    "an empty file that is filled": ({"v": b""}, {"v": b"a: 1\n"}),
    "crlf": ({"v": b"a: 1\r\nb: 2\r\n"}, {"v": b"a: 1\r\nb: 2\r\nc: 3\r\n"}),
    "line ends alone": ({"v": b"a: 1\r\nb: 2\n"}, {"v": b"a: 1\nb: 2\r\n"}),
    "bytes that are not text": ({"v": b"caf\xe9: 1\n\xff\n"}, {"v": b"caf\xe9: 2\n\xff\xfe\n"}),
    "form feeds and separators": ({"v": "a\x0cb\x85c\u2028d\n".encode()}, {"v": "a\x0cb\x85c\u2028e\rf\n".encode()}),
    "bom": ({"v": b"\xef\xbb\xbfa: 1\n"}, {"v": b"\xef\xbb\xbfa: 1\nb: 2\n"}),
    "a path with spaces": ({"my values.yaml": b"a\n"}, {"my values.yaml": b"b\n", "a new one.yaml": b"c\n"}),
    "a path to be quoted": (
        {"gr\xf6\xdfe\t.yaml": b"a\n"},
        {"gr\xf6\xdfe\t.yaml": b"b\n", 'in "quotes"\\.yaml': b"c\n"},
    ),
    "far apart": ({"v": b"x\n" * 100}, {"v": b"y\n" + b"x\n" * 98 + b"z\n"}),
    "lines that look like a diff": ({"v": b"--- a\n+++ b\n@@\n\\ x\n"}, {"v": b"--- a\n+++ c\n@@\n\\ y\n"}),
}
TOOLS = {"git": ["git", "apply", "--whitespace=nowarn"], "patch": ["patch", "-p1", "--binary", "--quiet"]}


def _applied(root: Path, before: Mapping[str, bytes], after: Mapping[str, bytes | None], tool: str) -> dict[str, bytes]:
    for path, data in before.items():
        (root / path).write_bytes(data)
    diff = unified_diff(Plan.of(root, before, after)).encode("utf-8", "surrogateescape")
    environment = {"PATH": "/usr/bin:/bin:/usr/local/bin", "GIT_CEILING_DIRECTORIES": str(root.parent)}
    subprocess.run(TOOLS[tool], cwd=root, input=diff, check=True, capture_output=True, timeout=30, env=environment)
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.mark.parametrize("tool", TOOLS)
@pytest.mark.parametrize(("before", "after"), CASES.values(), ids=CASES)
def test_the_diff_applies(tmp_path: Path, before: dict[str, bytes], after: dict[str, bytes | None], tool: str) -> None:
    if shutil.which(tool) is None:
        pytest.skip(f"{tool} is not installed")
    expected = {path: data for path, data in {**before, **after}.items() if data is not None}
    if tool == "patch":
        # By its nature: patch removes a file that a diff leaves empty, and makes none that is empty.
        expected = {path: data for path, data in expected.items() if data}
    found = _applied(tmp_path, before, after, tool)
    assert {path: data for path, data in found.items() if data or tool == "git"} == expected


LINES = st.lists(st.sampled_from([b"a", b"b: 1\r", b"\xff", b"", b"--- x", b"-"]), max_size=12)


@settings(max_examples=60, deadline=None)
@given(old_lines=LINES, new_lines=LINES, cut_old=st.booleans(), cut_new=st.booleans())
def test_any_change_of_lines_applies(
    tmp_path_factory: pytest.TempPathFactory,
    old_lines: list[bytes],
    new_lines: list[bytes],
    *,
    cut_old: bool,
    cut_new: bool,
) -> None:
    before = b"\n".join(old_lines) + (b"" if cut_old else b"\n")
    after = b"\n".join(new_lines) + (b"" if cut_new else b"\n")
    if before != after:
        root = tmp_path_factory.mktemp("diff")
        assert _applied(root, {"v": before}, {"v": after}, "git") == {"v": after}


def test_it_reads_as_git_writes_it(tmp_path: Path) -> None:
    before = {"values.yaml": b"a: 1\nb: 2"}
    after = {"values.yaml": b"a: 1\nb: 3\n", "templates/canary.yaml": b"kind: Canary\n"}
    assert unified_diff(Plan.of(tmp_path, before, after)) == (
        "diff --git a/templates/canary.yaml b/templates/canary.yaml\n"
        "new file mode 100644\n"
        "--- /dev/null\n"
        "+++ b/templates/canary.yaml\n"
        "@@ -0,0 +1 @@\n"
        "+kind: Canary\n"
        "diff --git a/values.yaml b/values.yaml\n"
        "--- a/values.yaml\n"
        "+++ b/values.yaml\n"
        "@@ -1,2 +1,2 @@\n"
        " a: 1\n"
        "-b: 2\n"
        "\\ No newline at end of file\n"
        "+b: 3\n"
    )


def test_a_plan_without_changes_has_an_empty_diff(tmp_path: Path) -> None:
    assert unified_diff(Plan.of(tmp_path, {"v": b"a"}, {"v": b"a"})) == ""
