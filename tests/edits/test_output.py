"""Files the user names: whole or not at all, and never through a link out of their folder or repository."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from chartgen.edits import state
from chartgen.edits.output import write_output
from chartgen.errors import WriteError


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "work").mkdir()
    return tmp_path / "work"


def test_a_new_file_and_its_folders_are_made(folder: Path) -> None:
    write_output(folder / "deep/er/out.json", b"{}")
    assert (folder / "deep/er/out.json").read_bytes() == b"{}"


def test_mode_and_neighbours_stay(folder: Path) -> None:
    (folder / "out.json").write_text("old")
    (folder / "out.json").chmod(0o640)
    write_output(folder / "out.json", b"new")
    assert (folder / "out.json").stat().st_mode & 0o777 == 0o640
    assert [path.name for path in folder.iterdir()] == ["out.json"]
    assert [path for home in state.folders() for path in home.iterdir()] == []


def test_the_old_file_stays_if_the_new_file_cannot_be_written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "out.json").write_text("old")

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match="No space left"):
        write_output(folder / "out.json", b"new")
    assert (folder / "out.json").read_text() == "old"
    assert [path.name for path in folder.iterdir()] == ["out.json"]


def test_without_a_state_folder_the_file_is_staged_beside(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_STATE_HOME", "TMPDIR"):
        monkeypatch.setenv(name, "/proc/nowhere")
    write_output(folder / "out.json", b"{}")
    assert [path.name for path in folder.iterdir()] == ["out.json"]


def test_files_of_a_killed_run_are_removed(folder: Path) -> None:
    home = state.made(folder)
    (home / "output-0123").write_text("half")
    write_output(folder / "out.json", b"{}")
    assert list(home.iterdir()) == []


def test_a_link_inside_is_followed(folder: Path) -> None:
    (folder / "real.json").write_text("old")
    (folder / "out.json").symlink_to("real.json")
    write_output(folder / "out.json", b"new")
    assert (folder / "out.json").is_symlink()
    assert (folder / "real.json").read_bytes() == b"new"


def test_a_link_inside_the_repository_is_followed(folder: Path) -> None:
    (folder / ".git").mkdir()
    (folder / "reports").mkdir()
    (folder / "chart").mkdir()
    (folder / "chart/out.json").symlink_to("../reports/out.json")
    write_output(folder / "chart/out.json", b"new")
    assert (folder / "reports/out.json").read_bytes() == b"new"


@pytest.mark.parametrize("link", ["out.json", "linked"])
def test_a_link_out_is_refused(folder: Path, link: str) -> None:
    (folder / ".git").mkdir()
    outside = folder.parent / "outside"
    outside.mkdir()
    (outside / "out.json").write_text("somebody else's")
    (folder / link).symlink_to(outside / "out.json" if link.endswith("json") else outside)
    path = folder / (link if link.endswith("json") else "linked/out.json")
    with pytest.raises(WriteError, match="is a link that leads out of"):
        write_output(path, b"new")
    assert (outside / "out.json").read_text() == "somebody else's"


def test_a_read_only_file_is_left_alone(folder: Path) -> None:
    if os.getuid() == 0:
        pytest.skip("root may write everything")
    (folder / "out.json").write_text("old")
    (folder / "out.json").chmod(0o444)
    with pytest.raises(PermissionError):
        write_output(folder / "out.json", b"new")


def test_a_pipe_is_written_to_directly(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append((folder / "pipe").read_bytes()))
    reader.start()
    write_output(folder / "pipe", b"new")
    reader.join(timeout=10)
    assert read == [b"new"]
    assert (folder / "pipe").is_fifo()


def test_a_device_stays_a_device() -> None:
    write_output(Path("/dev/null"), b"new")
    assert Path("/dev/null").is_char_device()
