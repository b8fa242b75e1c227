"""A chart that ships what looks like a journal of chartgen: nothing in a chart is ever taken for one."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import stat
from typing import TYPE_CHECKING

import pytest

from tests.conftest import CHARTS
from tests.running import chartgen

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.slow

DRY = [
    ["add-canary", "--diff"],
    ["add-canary", "--check"],
    ["lint"],
    ["lint", "--diff"],
    ["emit"],
    ["plan"],
    ["recover", "--check"],
]
WRITING = [["add-canary"], ["lint", "--fix"], ["lint", "--unsafe-fixes"], ["recover"]]


def _index(root: Path) -> str:
    """An index that calls values.yaml a new file of a broken write, in the formats of all versions."""
    digest = hashlib.sha256((root / "values.yaml").read_bytes()).hexdigest()
    entry = {"path": "values.yaml", "target": "values.yaml", "before": None, "after": digest}
    told = {"version": 1, "chart": str(root), "files": [entry], "folders": [], "hidden": None}
    return json.dumps(told)


def _folder_with_an_index(root: Path, place: Path) -> None:
    place.mkdir()
    for name in ("journal.json", "replacing.json", "staging.json"):
        (place / name).write_text(_index(root))
    (place / "old-0").symlink_to(root.parent / "outside/key")


def _link_to_a_folder(root: Path, place: Path) -> None:
    place.symlink_to(root.parent / "outside")


def _link_to_a_file(root: Path, place: Path) -> None:
    place.symlink_to(root.parent / "outside/key")


def _a_file(root: Path, place: Path) -> None:
    place.write_text(_index(root))


def _a_fifo(root: Path, place: Path) -> None:
    assert root
    os.mkfifo(place)


def _a_link_to_itself(root: Path, place: Path) -> None:
    assert root
    place.symlink_to(place.name)


KINDS = [_folder_with_an_index, _link_to_a_folder, _link_to_a_file, _a_file, _a_fifo, _a_link_to_itself]
PLACES = ["templates/.chartgen-journal", ".chartgen-journal", f"templates/.chartgen-{'0' * 32}"]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "outside").mkdir()
    for name in ("key", "journal.json", "old-0", "new-0"):
        (tmp_path / "outside" / name).write_text("somebody else's\n")
    return shutil.copytree(CHARTS / "jenkins-x", tmp_path / "chart")


def state_of(folder: Path) -> dict[str, object]:
    """Kind, mode, time and content of all that lies below a folder."""
    found: dict[str, object] = {}
    for path in sorted(folder.rglob("*")):
        about = path.lstat()
        content = path.read_bytes() if stat.S_ISREG(about.st_mode) else path.is_symlink() and path.readlink()
        found[str(path.relative_to(folder))] = (about.st_mode, not path.is_dir() and about.st_mtime_ns, content)
    return found


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_shipped_journal_is_a_foreign_file(root: Path, kind: Callable[[Path, Path], None], place: str) -> None:
    kind(root, root / place)
    before = state_of(root.parent)
    for command in DRY:
        done = chartgen(*command, str(root))
        assert "half written" not in done.stderr
        assert state_of(root.parent) == before, command
    for command in WRITING:
        chartgen(*command, str(root))
        now = state_of(root.parent)
        assert {path: now[path] for path in before if "chartgen-" in path or path.startswith("outside")} == {
            path: before[path] for path in before if "chartgen-" in path or path.startswith("outside")
        }, command
        assert (root / "values.yaml").is_file()


def test_templates_as_a_link_out_writes_nothing_there(root: Path) -> None:
    outside = root.parent / "elsewhere"
    (root / "templates").rename(outside)
    (root / "templates").symlink_to(outside)
    before = state_of(outside)
    for command in [*DRY, *WRITING]:
        chartgen(*command, str(root))
        assert state_of(outside) == before, command


def test_templates_as_a_link_inside_is_written_through(root: Path) -> None:
    (root / "templates").rename(root / "tpl")
    (root / "templates").symlink_to("tpl")
    assert chartgen("add-canary", str(root)).returncode == 0
    assert (root / "templates").is_symlink()
    assert any((root / "tpl").rglob("canary.yaml"))


def test_a_state_folder_in_the_chart_is_neither_obeyed_nor_made(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from chartgen.edits import state

    shipped = root / ".local/state/chartgen" / state.key_of(root)
    shipped.mkdir(parents=True, mode=0o700)
    _folder_with_an_index(root, shipped / "journal")
    (shipped / "replacing.json").write_text(_index(root))
    for folder in (shipped, shipped.parent):
        folder.chmod(0o700)
    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.setenv("HOME", str(root))
    monkeypatch.setenv("TMPDIR", str(root.parent))
    assert "half written" not in chartgen("lint", str(root)).stderr
    assert chartgen("recover").stderr == "nothing to recover\n"
    # The chart is refused for the links that it ships, and nothing is done to it.
    assert chartgen("add-canary", str(root)).returncode == 2
    assert (root / "values.yaml").is_file()
    assert (shipped / "replacing.json").is_file()
