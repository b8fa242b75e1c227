"""The journal's folder: only this user can write to it, and it is outside the chart's repository."""

from __future__ import annotations

import os
import pwd
from pathlib import Path

import pytest

from chartgen.edits import state
from chartgen.edits.transaction import apply, recover
from chartgen.errors import WriteError
from tests.edits import writer


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "repository/shop"
    for path, data in writer.BEFORE.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """HOME and TMPDIR of the test's own, XDG_STATE_HOME unset."""
    for name in ("home", "temporary"):
        (tmp_path / name).mkdir()
    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    return tmp_path


def last_resort(places: Path) -> Path:
    return places / f"temporary/chartgen-{os.geteuid()}"


def test_the_folder_is_created_for_this_user_only(root: Path, places: Path) -> None:
    assert state.made(root) == places / "home/.local/state/chartgen"
    assert (places / "home/.local/state/chartgen").stat().st_mode & 0o777 == 0o700


def test_xdg_state_home_is_preferred(root: Path, places: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(places / "state"))
    assert state.made(root) == places / "state/chartgen"


def test_a_relative_xdg_state_home_is_ignored(root: Path, places: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "state")
    monkeypatch.chdir(root)
    assert state.made(root) == places / "home/.local/state/chartgen"
    assert not (root / "state").exists()


@pytest.mark.parametrize("home", ["", "home"])
def test_without_home_the_password_file_is_used(monkeypatch: pytest.MonkeyPatch, home: str) -> None:
    monkeypatch.setenv("HOME", home)
    first = next(iter(state._candidates()))
    assert first == Path(pwd.getpwuid(os.geteuid()).pw_dir) / ".local/state/chartgen"


def _is_a_link(folder: Path) -> None:
    (folder.parent / "elsewhere").mkdir(mode=0o700)
    folder.symlink_to(folder.parent / "elsewhere")


def _is_a_file(folder: Path) -> None:
    folder.write_text("")


def _is_everyones(folder: Path) -> None:
    folder.mkdir()
    folder.chmod(0o777)


def _is_the_groups(folder: Path) -> None:
    folder.mkdir()
    folder.chmod(0o770)


def _is_another_users(folder: Path) -> None:
    folder.mkdir(mode=0o700)
    if os.getuid() != 0:
        pytest.skip("only root gives folders away")
    os.chown(folder, 12345, 12345)


def _cannot_be_made(folder: Path) -> None:
    folder.parent.rmdir()
    folder.parent.write_text("")


_SPOILED = [_is_a_link, _is_a_file, _is_everyones, _is_the_groups, _is_another_users, _cannot_be_made]


@pytest.mark.parametrize("spoil", _SPOILED)
def test_the_folder_for_temporary_files_is_the_last_resort(root: Path, places: Path, spoil: object) -> None:
    folder = places / "home/.local/state/chartgen"
    folder.parent.mkdir(parents=True)
    assert callable(spoil)
    spoil(folder)
    assert state.made(root) == last_resort(places)
    assert list(state.folders(root)) == [last_resort(places)]
    apply(writer.plan(root))
    assert (root / "values.yaml").read_bytes() == writer.AFTER["values.yaml"]


@pytest.mark.parametrize("spoil", _SPOILED[:-1])
def test_without_any_folder_nothing_is_written(root: Path, places: Path, spoil: object) -> None:
    (places / "home/.local").write_text("")
    assert callable(spoil)
    spoil(last_resort(places))
    with pytest.raises(WriteError, match=r"nowhere to keep the undo journal: .*; nothing was written") as caught:
        apply(writer.plan(root))
    assert caught.value.hint == "set XDG_STATE_HOME to a folder of your own outside the repository"
    assert (root / "values.yaml").read_bytes() == writer.BEFORE["values.yaml"]


@pytest.mark.parametrize("home", ["repository/shop", "repository"])
def test_files_of_a_chart_never_count_as_state(
    root: Path, places: Path, home: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """HOME in the chart, or in the repository around it: a journal could have been shipped there."""
    (places / "repository/.git").mkdir()
    monkeypatch.setenv("HOME", str(places / home))
    shipped = places / home / ".local/state/chartgen"
    journal = shipped / state.key_of(root)
    journal.mkdir(parents=True, mode=0o700)
    shipped.chmod(0o700)
    (journal / "replacing.json").write_text("{")
    assert recover(root) == ()
    assert state.made(root) == last_resort(places)


def test_reading_creates_no_folder(root: Path, places: Path) -> None:
    assert list(state.folders(root)) == []
    assert recover(root) == ()
    assert sorted(path.name for path in places.rglob("*")) == sorted(
        ["home", "temporary", "repository", "shop", "templates", "Chart.yaml", "values.yaml", "service.yaml"]
    )
