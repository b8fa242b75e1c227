"""The undo journal of one write, in the user's state folder while several files of a chart change.

    STATE/KEY/             KEY is the hash of the chart's real path
        staging.json       which files change, with their SHA-256 before and after; renamed to
        replacing.json     while targets are being replaced: from here on a crash is undone; renamed to
        over.json          once all is done or undone: the rest can be deleted
        old-0 …, new-0 …   the files as they were (hard links where possible) and as they will be

A rename is atomic only within one file system. If the state folder is on another one, the old and new files are
staged in the chart instead, in a hidden folder of `templates/` that only the journal names
(`templates/.chartgen-RANDOM`, with a `.gitignore` of its own). Helm leaves hidden entries of `templates/` out of every
chart (pkg/ignore/rules.go: AddDefaults): they are never rendered, packaged or seen by `.Files`.
"""

from __future__ import annotations

import fcntl
import json
import os
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chartgen.edits import folder as at
from chartgen.errors import ConflictError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

STAGING, REPLACING, OVER = PHASES = ("staging.json", "replacing.json", "over.json")
_IGNORED = ".gitignore"


@dataclass(frozen=True, slots=True)
class Entry:
    """One file: `path` as the plan calls it, `target` its real path in the chart.

    `before` is None for a new file, `after` for one that is deleted.
    """

    path: str
    target: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Journal:
    """The journal in `folder` of a write to the chart at `root` (its real path).

    `made` are the folders the write creates, outermost first, and `hidden` the folder of the chart that holds the
    staged files, None if `folder` holds them; all relative to the root.
    """

    root: Path
    folder: Path
    entries: tuple[Entry, ...]
    made: tuple[str, ...] = ()
    hidden: str | None = None

    def stage(self, root: int, contents: Sequence[bytes | None]) -> None:
        """Stage old and new contents; no file of the chart changes before `replace_all`. None is for a deletion."""
        with at.opened(self.folder) as folder:
            at.write(folder, STAGING, self._as_json(), 0o600)
            at.sync(folder)
        for path in self.made:
            with at.parent_of(root, path) as (parent, name):
                os.mkdir(name, dir_fd=parent)
                at.sync(parent)
        if self.hidden:
            self._hide(root)
        with self._staged(root) as staged:
            for number, (entry, content) in enumerate(zip(self.entries, contents, strict=True)):
                self._stage(root, staged, (number, entry), content)
            at.sync(staged)

    def replace_all(self, root: int) -> None:
        """Move every new content over its target, and remove the targets to delete."""
        self._enter(REPLACING)
        with self._staged(root) as staged:
            for number, entry in enumerate(self.entries):
                with at.parent_of(root, entry.target) as (parent, name):
                    if entry.before is None and at.status(parent, name) is not None:
                        raise ConflictError([f"{entry.path}: exists already"], hint="nothing was written; run again")
                    if entry.after is None:
                        os.unlink(name, dir_fd=parent)
                    else:
                        os.rename(f"new-{number}", name, src_dir_fd=staged, dst_dir_fd=parent)
        self._sync_targets(root)

    def finish(self, root: int) -> None:
        """End the write, done or undone; the next run removes what can't be removed now."""
        self._enter(OVER)
        with suppress(OSError):
            self.clear(root)

    @property
    def is_replacing(self) -> bool:
        return os.path.lexists(self.folder / REPLACING)

    def states(self, root: int) -> list[tuple[Entry, str | None]]:
        """Every entry with the current SHA-256 of its target."""
        return [(entry, at.digest(root, entry.target)) for entry in self.entries]

    def lost(self, root: int) -> list[str]:
        """Files that can't be restored, because their old content is missing or changed."""
        with self._staged(root) as staged:
            return [
                entry.path
                for number, (entry, state) in enumerate(self.states(root))
                if entry.before is not None
                and state == entry.after
                and at.digest(staged, f"old-{number}") != entry.before
            ]

    def roll_back(self, root: int) -> list[str]:
        """Restore every file that still has its new content, the last one first; returns the restored paths.

        It can be repeated after an interruption.
        """
        restored = []
        with self._staged(root) as staged:
            for number, (entry, state) in reversed(list(enumerate(self.states(root)))):
                if state != entry.after:
                    continue
                with at.parent_of(root, entry.target) as (parent, name):
                    if entry.before is None:
                        os.unlink(name, dir_fd=parent)
                    else:
                        os.rename(f"old-{number}", name, src_dir_fd=staged, dst_dir_fd=parent)
                restored.append(entry.path)
        self._sync_targets(root)
        self.finish(root)
        return restored

    def clear(self, root: int) -> None:
        """Remove the staged files, empty folders that the write created, and the journal last."""
        if self.hidden:
            with suppress(FileNotFoundError), at.parent_of(root, self.hidden) as (parent, name):
                with at.opened(name, parent) as hidden:
                    at.clear(hidden)
                os.rmdir(name, dir_fd=parent)
        for path in reversed(self.made):
            with suppress(OSError), at.parent_of(root, path) as (parent, name):
                os.rmdir(name, dir_fd=parent)
        discard(self.folder)

    def _hide(self, root: int) -> None:
        assert self.hidden
        with at.parent_of(root, self.hidden) as (parent, name):
            os.mkdir(name, 0o700, dir_fd=parent)
            with at.opened(name, parent) as hidden:
                at.write(hidden, _IGNORED, b"*\n")
            at.sync(parent)

    def _stage(self, root: int, staged: int, numbered: tuple[int, Entry], content: bytes | None) -> None:
        number, entry = numbered
        with at.parent_of(root, entry.target) as (parent, name):
            like = None
            if entry.before is not None:
                at.keep((parent, name), (staged, f"old-{number}"))
                like = os.stat(name, dir_fd=parent, follow_symlinks=False)
            if content is None:
                return
            at.write(staged, f"new-{number}", content, like=like)
            if like is None:
                at.inherit_group(staged, f"new-{number}", parent)

    @contextmanager
    def _staged(self, root: int) -> Iterator[int]:
        """The open folder of the staged files."""
        if self.hidden is None:
            with at.opened(self.folder) as folder:
                yield folder
        else:
            with at.parent_of(root, self.hidden) as (parent, name), at.opened(name, parent) as hidden:
                yield hidden

    def _enter(self, phase: str) -> None:
        """Rename the index: that needs no disk space, and a crash leaves one phase or the other."""
        with at.opened(self.folder) as folder:
            present = next(name for name in PHASES if at.status(folder, name) is not None)
            os.rename(present, phase, src_dir_fd=folder, dst_dir_fd=folder)
            if phase == OVER:
                with suppress(OSError):
                    at.sync(folder)
            else:
                at.sync(folder)

    def _sync_targets(self, root: int) -> None:
        for path in sorted({entry.target for entry in self.entries}):
            with suppress(FileNotFoundError, NotADirectoryError), at.parent_of(root, path) as (parent, _):
                at.sync(parent)

    def _as_json(self) -> bytes:
        files = [
            {"path": entry.path, "target": entry.target, "before": entry.before, "after": entry.after}
            for entry in self.entries
        ]
        index = {
            "version": 1, "chart": str(self.root), "files": files, "folders": list(self.made), "hidden": self.hidden,
        }  # fmt: skip
        return json.dumps(index, indent=1).encode()


def discard(folder: Path) -> None:
    """Remove a journal's folder and its files."""
    with at.opened(folder) as journal:
        at.clear(journal)
    folder.rmdir()


@contextmanager
def locked(folder: Path) -> Iterator[bool]:
    """Lock the journal in `folder` until the end of the block; yields False if another process has locked it."""
    with at.opened(folder) as descriptor:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
