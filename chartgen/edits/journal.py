"""The undo journal of one write: what lies on disk while several files change, so that a crash can be undone.

    templates/.chartgen-journal/
        journal.json   which files change, with their SHA-256 before and after; while it stands, the write is unfinished
        old-0 …        the files as they were (hard links where the file system has them)
        new-0 …        the files as they shall be, until each is moved over its target

Helm leaves hidden entries of `templates/` out of every chart (pkg/ignore/rules.go: AddDefaults), so a journal that a
crash left behind is never rendered, packaged or seen by `.Files`.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chartgen.edits import disk

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FOLDER = ".chartgen-journal"
_INDEX = "journal.json"
_DRAFT = "journal.draft"


class JournalError(Exception):
    """The journal on disk is damaged, or names files that are none of its chart's."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file: `path` below the chart, `target` where it really lies; `before` is None for a new file."""

    path: str
    target: Path
    before: str | None
    after: str


@dataclass(frozen=True, slots=True)
class Journal:
    """The journal at `folder` of the chart at `root`; `made` are the folders the write creates, outermost first."""

    root: Path
    folder: Path
    entries: tuple[Entry, ...]
    made: tuple[Path, ...]

    def stage(self, contents: Sequence[bytes]) -> None:
        """Lay old and new contents aside, then the index: from here on a crash is undone."""
        self.folder.mkdir()
        for number, (entry, content) in enumerate(zip(self.entries, contents, strict=True)):
            if entry.before is not None:
                disk.keep(entry.target, self._old(number))
            disk.write(self._new(number), content, like=entry.target)
        disk.write(self.folder / _DRAFT, self._as_json(), like=self.folder / _INDEX)
        (self.folder / _DRAFT).replace(self.folder / _INDEX)
        disk.sync(self.folder)
        disk.sync(self.folder.parent)

    def replace_all(self) -> None:
        """Move every new content over its target."""
        for folder in self.made:
            folder.mkdir()
        for number, entry in enumerate(self.entries):
            self._new(number).replace(entry.target)
        self._sync_targets()

    def close(self) -> None:
        """End the write: without its index a journal is rubbish, and rubbish may stay until the next run."""
        (self.folder / _INDEX).unlink()
        disk.sync(self.folder)
        with suppress(OSError):
            clear(self.folder)

    @property
    def is_unfinished(self) -> bool:
        return (self.folder / _INDEX).is_file()

    def changed_since(self) -> list[str]:
        """Files that are neither as they were nor as the write made them: someone else's work by now."""
        return [entry.path for entry in self.entries if disk.digest(entry.target) not in {entry.before, entry.after}]

    def check(self) -> None:
        """Raise JournalError where a file that is to be put back was not kept."""
        for number, entry in enumerate(self.entries):
            state = disk.digest(entry.target)
            if entry.before is not None and state != entry.before != disk.digest(self._old(number)):
                raise JournalError(f"it does not hold {entry.path} as it was")

    def roll_back(self) -> list[str]:
        """Put every file back as it was, the last one first; the paths put back. Broken off, it can be begun again."""
        restored = []
        for number, entry in reversed(list(enumerate(self.entries))):
            if disk.digest(entry.target) == entry.before:
                continue
            if entry.before is None:
                entry.target.unlink()
            else:
                self._old(number).replace(entry.target)
            restored.append(entry.path)
        for folder in reversed(self.made):
            with suppress(OSError):
                folder.rmdir()
        self._sync_targets()
        self.close()
        return restored

    def _old(self, number: int) -> Path:
        return self.folder / f"old-{number}"

    def _new(self, number: int) -> Path:
        return self.folder / f"new-{number}"

    def _sync_targets(self) -> None:
        for folder in {entry.target.parent for entry in self.entries}:
            if folder.is_dir():
                disk.sync(folder)

    def _as_json(self) -> bytes:
        files = [{"path": entry.path, "before": entry.before, "after": entry.after} for entry in self.entries]
        folders = [folder.relative_to(self.root).as_posix() for folder in self.made]
        return json.dumps({"version": 1, "files": files, "folders": folders}, indent=1).encode()


def place(root: Path) -> Path:
    """Where the journal of the chart at `root` goes: below `templates/` where there is one."""
    templates = root / "templates"
    is_own = templates.is_dir() and disk.inside(root, templates)
    return (templates if is_own else root) / FOLDER


def left_behind(root: Path) -> list[Path]:
    """The journal folders that an earlier write left in the chart."""
    return [folder for folder in (root / "templates" / FOLDER, root / FOLDER) if folder.is_dir()]


def read(root: Path, folder: Path) -> Journal | None:
    """The unfinished journal in `folder`, None where the write had not begun or was over; JournalError if damaged."""
    index = folder / _INDEX
    if not index.is_file():
        return None
    try:
        told = json.loads(index.read_bytes())
        entries = tuple(
            Entry(str(one["path"]), _within(root, one["path"]), one["before"], str(one["after"]))
            for one in told["files"]
        )
        made = tuple(_within(root, path) for path in told["folders"])
    except (ValueError, KeyError, TypeError) as error:
        raise JournalError("its index cannot be read") from error
    return Journal(root, folder, entries, made)


def _within(root: Path, path: object) -> Path:
    target = disk.real(root / str(path))
    if not disk.inside(root, target):
        raise JournalError(f"it names {path}, which lies outside the chart")
    return target


def clear(folder: Path) -> None:
    """Remove a journal folder and what is in it."""
    for entry in folder.iterdir():
        entry.unlink()
    folder.rmdir()
