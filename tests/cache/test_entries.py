"""The cache folder: what is stored is read again, and what somebody else could have written is not."""

from __future__ import annotations

import os
import stat
import threading
from typing import TYPE_CHECKING

import pytest

from chartgen.cache import entries

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

KEY, OTHER = "a" * 64, "b" * 64


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "chartgen" / "results"


def test_what_is_stored_is_read_again(folder: Path) -> None:
    assert entries.load(KEY) is None
    entries.store(KEY, [b"\xff\0", b"", b"1:2"])
    assert entries.load(KEY) == [b"\xff\0", b"", b"1:2"]
    assert entries.load(OTHER) is None
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_a_relative_variable_is_ignored(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "cache")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert entries.folder_path() == f"{tmp_path}/.cache/chartgen/results"


def _renamed(folder: Path) -> None:
    entries.store(OTHER, [b"2"])
    (folder / OTHER).replace(folder / KEY)


def _linked(folder: Path) -> None:
    (folder / KEY).replace(folder / "real")
    (folder / KEY).symlink_to("real")


def _changed(folder: Path) -> None:
    entry = (folder / KEY).read_bytes()
    (folder / KEY).write_bytes(entry[:-1] + b"2")


def _as_fifo(folder: Path) -> None:
    (folder / KEY).unlink()
    os.mkfifo(folder / KEY)


@pytest.mark.parametrize(
    "tamper",
    [
        _renamed,
        _linked,
        _changed,
        _as_fifo,
        lambda folder: (folder / KEY).write_bytes((folder / KEY).read_bytes()[:-9]),
        lambda folder: (folder / KEY).write_text("[" * 100_000),
        lambda folder: (folder / KEY).write_text(""),
        lambda folder: (folder / KEY).write_bytes(b"\xff"),
        lambda folder: (folder / KEY).chmod(0o620),
        lambda folder: (folder / KEY).chmod(0o602),
        lambda folder: folder.chmod(0o770),
        lambda folder: folder.chmod(0o707),
    ],
)
def test_an_entry_that_others_could_have_written_is_not_read(folder: Path, tamper: Callable[[Path], object]) -> None:
    entries.store(KEY, [b"1"])
    assert entries.load(KEY) == [b"1"]
    tamper(folder)
    assert entries.load(KEY) is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_an_entry_of_another_user_is_not_read(folder: Path) -> None:
    entries.store(KEY, [b"1"])
    os.chown(folder / KEY, 12345, 12345)
    assert entries.load(KEY) is None
    os.chown(folder, 12345, 12345)
    entries.store(KEY, [b"1"])
    assert entries.load(KEY) is None


def test_a_link_is_not_followed_to_another_folder(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    folder.parent.mkdir(parents=True)
    folder.symlink_to(tmp_path / "elsewhere")
    entries.store(KEY, [b"1"])
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_folder_that_cannot_be_made_is_no_error(folder: Path) -> None:
    folder.parent.parent.mkdir()
    folder.parent.write_text("a file")
    entries.store(KEY, [b"1"])
    assert entries.load(KEY) is None
    assert entries.clear() == 0


def test_the_folder_stays_bounded_and_keeps_what_was_used_last(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entries, "MOST_ENTRIES", 3)
    keys = [f"{number:064x}" for number in range(6)]
    for number, key in enumerate(keys):
        entries.store(key, [b"%d" % number])
        os.utime(folder / key, (number, number))
        entries.load(keys[0])
    assert entries.load(keys[0]) == [b"0"]
    assert len(list(folder.iterdir())) == 3
    monkeypatch.setattr(entries, "MOST_BYTES", 0)
    entries.store(OTHER, [b"1"])
    assert list(folder.iterdir()) == []


def test_a_large_entry_is_not_stored(folder: Path) -> None:
    entries.store(KEY, [b"x" * entries.LARGEST_ENTRY])
    assert not folder.exists()


def test_clear_removes_entries_and_leftovers_only(folder: Path) -> None:
    entries.store(KEY, [b"1"])
    (folder / ".123-left").write_text("")
    (folder / "notes.txt").write_text("")
    assert entries.clear() == 1
    assert [path.name for path in folder.iterdir()] == ["notes.txt"]


def test_concurrent_runs_read_a_whole_entry_or_none() -> None:
    answers: list[list[bytes] | None] = []
    documents = [[b"x" * 200_000], [b"y" * 200_000]]

    def write() -> None:
        for number in range(30):
            entries.store(KEY, documents[number % 2])

    def read() -> None:
        answers.extend(entries.load(KEY) for _ in range(100))

    threads = [threading.Thread(target=each) for each in (write, write, read)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(answer is None or answer in documents for answer in answers)
    assert entries.load(KEY) in documents
