"""All or nothing: a plan is written as a whole, or the chart stays as it was, whatever happens in between.

A run that is killed leaves a journal behind; `recover`, or the next `apply`, puts the chart back with it. Until then
the chart may hold too much, never too little: what is changed, and may take something away, is replaced last.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shlex
import stat
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from chartgen.edits import disk, journal
from chartgen.errors import ConflictError, WriteError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from chartgen.edits.plan import FileChange, Plan

_WRITABLE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH
_HINTS = {
    errno.ENOSPC: "free some space and run again",
    errno.EDQUOT: "free some space and run again",
    errno.EACCES: "make the chart's files and folders writable for you and run again",
    errno.EPERM: "make the chart's files and folders writable for you and run again",
    errno.EROFS: "copy the chart to a place that can be written and run again",
    errno.EBUSY: "a file mounted on its own cannot be replaced: mount the chart's folder instead",
}


def apply(plan: Plan) -> None:
    """Write all files of the plan, or none: ConflictError where the disk moved on, WriteError where it refuses."""
    if not plan:
        return
    with _told_as_write_errors(plan.root), _locked(plan.root):
        _undo_left_behind(plan.root)
        _refuse(plan)
        changes = sorted(plan.changes, key=_order)
        opened = _journal(plan.root, changes)
        try:
            opened.stage([change.after for change in changes])
            _refuse(plan)
            opened.replace_all()
            opened.close()
        except BaseException:
            _take_back(opened)
            raise


def recover(root: Path) -> tuple[str, ...]:
    """Undo what a killed run left unfinished in the chart at `root`; the files put back as they were."""
    if not journal.left_behind(root):
        return ()
    with _told_as_write_errors(root), _locked(root):
        return tuple(_undo_left_behind(root))


def conflicts(plan: Plan) -> list[str]:
    """Every file of the plan that is not on disk what the plan was made from."""
    found = [told for change in plan.changes if (told := _conflict(plan.root, change))]
    targets = [disk.real(plan.root / change.path) for change in plan.changes]
    twice = [change.path for change, target in zip(plan.changes, targets, strict=True) if targets.count(target) > 1]
    return [*found, *(f"{path}: is the same file as another one of the plan" for path in twice)]


def _conflict(root: Path, change: FileChange) -> str | None:
    path = root / change.path
    if not disk.inside(root, path):
        return f"{change.path}: leads to a place outside the chart, {disk.real(path)}"
    if not os.path.lexists(path):
        return None if change.before is None else f"{change.path}: was removed meanwhile"
    if path.is_symlink() and not path.exists():
        return f"{change.path}: is a link that leads nowhere"
    if not path.is_file():
        return f"{change.path}: is no file"
    if change.before is None:
        return f"{change.path}: exists already"
    return None if path.read_bytes() == change.before else f"{change.path}: was changed meanwhile"


def _refuse(plan: Plan) -> None:
    told = conflicts(plan)
    if told:
        raise ConflictError(told, hint="nothing was written; run again")
    for change in plan.changes:
        target = disk.real(plan.root / change.path)
        # Replacing needs the folder's permission only; a file marked read-only is left alone all the same.
        if target.exists() and not (target.stat().st_mode & _WRITABLE and os.access(target, os.W_OK)):
            hint = f"chmod u+w {shlex.quote(str(target))}"
            raise WriteError(f"{change.path}: is read-only; nothing was written", hint=hint)
        if disk.device(target) != disk.device(journal.place(plan.root)):
            told_where = "lies on another file system than the chart"
            raise WriteError(f"{change.path}: {told_where}; nothing was written", hint="copy the chart to one place")


def _order(change: FileChange) -> tuple[int, str]:
    """Schema before values, values and named templates before what uses them, new templates before changed ones."""
    name = change.path.rsplit("/", 1)[-1]
    if name in {"values.schema.json", "values.yaml"}:
        return (0 if name.endswith(".json") else 1), change.path
    is_partial = name.startswith("_")
    return (2 if is_partial else 3 if change.before is None else 4), change.path


def _journal(root: Path, changes: list[FileChange]) -> journal.Journal:
    entries = []
    made: list[Path] = []
    for change in changes:
        target = disk.real(root / change.path)
        before = None if change.before is None else disk.digest_of(change.before)
        entries.append(journal.Entry(change.path, target, before, disk.digest_of(change.after)))
        made += [folder for folder in disk.missing_folders(disk.real(root), target) if folder not in made]
    real_root = disk.real(root)
    return journal.Journal(real_root, journal.place(real_root), tuple(entries), tuple(made))


def _take_back(opened: journal.Journal) -> None:
    """After a failure: put back what was replaced, and leave no journal."""
    if not opened.is_unfinished:
        with suppress(OSError):
            journal.clear(opened.folder)
        return
    try:
        opened.roll_back()
    except OSError as error:
        raise WriteError(
            f"{opened.root}: writing failed, and so did putting back: {error.strerror}",
            hint=f"the files as they were lie in {opened.folder}; run again and chartgen puts them back",
        ) from error


def _undo_left_behind(root: Path) -> list[str]:
    restored: list[str] = []
    real_root = disk.real(root)
    for folder in journal.left_behind(real_root):
        try:
            found = journal.read(real_root, folder)
            if found is not None:
                found.check()
        except journal.JournalError as error:
            told = f"{folder}: left by an interrupted run, and {error}"
            raise ConflictError([told], hint="put the chart back with git, then remove that folder") from error
        if found is None:
            journal.clear(folder)
        else:
            restored += _undo(found)
    return restored


def _undo(found: journal.Journal) -> list[str]:
    changed = found.changed_since()
    if changed:
        told = [f"{path}: was changed after a run that was interrupted while writing it" for path in changed]
        hint = f"take what you need from {found.folder} (old-*: as it was), remove that folder and run again"
        raise ConflictError(told, hint=hint)
    return found.roll_back()


@contextmanager
def _locked(root: Path) -> Iterator[None]:
    """One writer at a time; the lock ends with the process, however that ends."""
    descriptor = os.open(root, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise WriteError(
                f"{root}: another run of chartgen is writing here", hint="run again when it ends"
            ) from error
        except OSError:
            pass  # a file system without locks: NFS locks no folders
        yield
    finally:
        os.close(descriptor)


@contextmanager
def _told_as_write_errors(root: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        where = error.filename2 or error.filename or root
        hint = _HINTS.get(error.errno or 0, "see to it and run again")
        raise WriteError(f"{where}: {error.strerror or error}; nothing was changed", hint=hint) from error
