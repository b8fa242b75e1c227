"""Writing a plan as a whole, or not at all, even if the run fails or is killed.

A killed run leaves a journal in the user's state folder; `recover` or the next `apply` uses it to restore the chart.
Until then the chart may contain additions but lacks nothing: changed files, which may remove something, are replaced
last, and files are deleted after that.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shlex
import stat
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from chartgen.edits import folder as at
from chartgen.edits import journal, journal_index, staging, state
from chartgen.errors import ConflictError, WriteError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.edits.plan import FileChange, Plan

_WRITABLE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH
_PERMIT = "make the chart's files and folders writable for you and run again"
_HINTS = {
    errno.ENOSPC: "free some space and run again",
    errno.EDQUOT: "free some space and run again",
    errno.EACCES: _PERMIT,
    errno.EPERM: _PERMIT,
    errno.EROFS: "copy the chart to a place that can be written and run again",
    errno.EBUSY: "a file mounted on its own cannot be replaced: mount the chart's folder instead",
    errno.ELOOP: "a folder of the chart was replaced by a link meanwhile: look who does that, then run again",
    errno.ENOTDIR: "a folder of the chart was replaced by something else meanwhile: look who does that, then run again",
}


def apply(plan: Plan) -> None:
    """Write all files of the plan, or none. ConflictError if files changed meanwhile, WriteError if writing fails."""
    if not plan:
        return
    root = real(plan.root)
    with _as_write_errors(plan.root), _locked(root) as chart:
        _undo_left_behind(root, chart)
        _refuse(plan, chart)
        changes = _in_order(plan)
        entries = [_entry(plan.root, root, change) for change in changes]
        with staging.begun(root, chart, entries) as begun:
            try:
                begun.stage(chart, [change.after for change in changes])
                _refuse(plan, chart)
                begun.replace_all(chart)
                begun.finish(chart)
            except BaseException:
                _take_back(begun, chart)
                raise


def recover(root: Path) -> tuple[str, ...]:
    """Undo an unfinished write of a killed run in the chart at `root`; returns the restored files."""
    root = real(root)
    if not any(os.path.lexists(folder) for folder in _journals(root)):
        return ()
    with _as_write_errors(root), _locked(root) as chart:
        return tuple(_undo_left_behind(root, chart))


def real(path: Path) -> Path:
    """The path with all links resolved; it needn't exist."""
    return Path(os.path.realpath(path))


def conflicts(plan: Plan) -> list[str]:
    """A message for every file of the plan that changed on disk since the plan was computed."""
    with at.opened(real(plan.root)) as chart:
        return _conflicts(plan, chart)


def _conflicts(plan: Plan, chart: int) -> list[str]:
    root = real(plan.root)
    found = [conflict for change in plan.changes if (conflict := _conflict(plan.root, root, chart, change))]
    targets = [real(plan.root / change.path) for change in plan.changes]
    twice = [change.path for change, target in zip(plan.changes, targets, strict=True) if targets.count(target) > 1]
    return [*found, *(f"{path}: is the same file as another one of the plan" for path in twice)]


def _conflict(given: Path, root: Path, chart: int, change: FileChange) -> str | None:
    path = given / change.path
    target = real(path)
    if root not in target.parents:
        return f"{change.path}: leads to a place outside the chart, {target}"
    if not os.path.lexists(path):
        return None if change.before is None else f"{change.path}: was removed meanwhile"
    if change.after is None and path.is_symlink():
        return f"{change.path}: is a link, which chartgen doesn't delete"
    return _conflict_of_file(target.relative_to(root).as_posix(), chart, change)


def _conflict_of_file(inside: str, chart: int, change: FileChange) -> str | None:
    """As `_conflict`, for a file that exists at the real path `inside`."""
    found = at.digest(chart, inside)
    if found is None:
        return f"{change.path}: is a link that leads nowhere"
    if not found:
        return f"{change.path}: isn't a regular file"
    if change.before is None:
        return f"{change.path}: exists already"
    return None if found == at.digest_of(change.before) else f"{change.path}: was changed meanwhile"


def _refuse(plan: Plan, chart: int) -> None:
    found = _conflicts(plan, chart)
    if found:
        raise ConflictError(found, hint="nothing was written; run again")
    for change in plan.changes:
        target = real(plan.root / change.path)
        # Replacing needs only the folder's permission, but a read-only file must stay unchanged.
        if target.exists() and not (target.stat().st_mode & _WRITABLE and os.access(target, os.W_OK)):
            hint = f"chmod u+w {shlex.quote(str(target))}"
            raise WriteError(f"{change.path}: is read-only; nothing was written", hint=hint)


def _in_order(plan: Plan) -> list[FileChange]:
    """The changes in the order of `_order`; in reverse if the plan takes something away and adds nothing."""
    removes = all(change.before is not None for change in plan.changes)
    removes = removes and any(change.after is None for change in plan.changes)
    return sorted(plan.changes, key=_order, reverse=removes)


def _order(change: FileChange) -> tuple[int, str]:
    """Schema before values, values and named templates before their users, new templates before changed ones."""
    name = change.path.rsplit("/", 1)[-1]
    if name in {"values.schema.json", "values.yaml"}:
        return (0 if name.endswith(".json") else 1), change.path
    is_partial = name.startswith("_")
    return (2 if is_partial else 4 if change.action == "change" else 3), change.path


def _entry(given: Path, root: Path, change: FileChange) -> journal.Entry:
    target = real(given / change.path).relative_to(root).as_posix()
    before, after = (None if data is None else at.digest_of(data) for data in (change.before, change.after))
    return journal.Entry(change.path, target, before, after)


def _take_back(begun: journal.Journal, chart: int) -> None:
    """After a failure: restore the replaced files and remove the journal."""
    if not begun.is_replacing:
        with suppress(OSError):
            begun.clear(chart)
        return
    try:
        begun.roll_back(chart)
    except OSError as error:
        raise WriteError(
            f"{begun.root}: writing failed, and so did putting back: {error.strerror}",
            hint=f"run chartgen recover {shlex.quote(str(begun.root))}; the files as they were are kept until then",
        ) from error


def _journals(root: Path) -> list[Path]:
    return [folder / state.key_of(root) for folder in state.folders(root)]


def _undo_left_behind(root: Path, chart: int) -> list[str]:
    restored: list[str] = []
    for folder in filter(os.path.lexists, _journals(root)):
        if not folder.is_dir() or folder.is_symlink():
            raise _unusable(folder, "it is not a folder")
        with journal.locked(folder) as is_mine:
            if not is_mine:
                raise WriteError(f"{root}: another run of chartgen is writing here", hint="run again when it ends")
            restored += _undo_one(folder, chart)
    return restored


def _undo_one(folder: Path, chart: int) -> list[str]:
    try:
        found = journal_index.read(folder)
        lost = found.lost(chart) if found is not None and found.is_replacing else []
    except journal_index.JournalError as error:
        raise _unusable(folder, str(error)) from error
    if lost:
        raise _unusable(folder, f"it does not hold {', '.join(lost)} as it was")
    if found is None:
        journal.discard(folder)
    elif found.is_replacing:
        return _undo(found, chart)
    else:
        found.clear(chart)
    return []


def _unusable(folder: Path, why: str) -> ConflictError:
    hint = f"put the chart back with git, then rm -r {shlex.quote(str(folder))}"
    return ConflictError([f"{folder}: left by an interrupted run, and {why}"], hint=hint)


def _undo(found: journal.Journal, chart: int) -> list[str]:
    states = found.states(chart)
    if not any(now == entry.after for entry, now in states):
        found.finish(chart)  # the chart has no new content: there is nothing to undo
        return []
    changed = [entry.path for entry, now in states if now not in {entry.before, entry.after}]
    if changed:
        conflicts = [f"{path}: was changed after a run that was interrupted while writing it" for path in changed]
        kept = found.root / found.hidden if found.hidden else found.folder
        hint = f"take what you need from {kept} (old-*: as it was), then rm -r {shlex.quote(str(found.folder))}"
        raise ConflictError(conflicts, hint=hint)
    return found.roll_back(chart)


@contextmanager
def _locked(root: Path) -> Iterator[int]:
    """The open folder of the chart, locked for one writer; the lock ends with the process."""
    with at.opened(root) as descriptor:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise WriteError(
                f"{root}: another run of chartgen is writing here", hint="run again when it ends"
            ) from error
        except OSError:
            pass  # a file system without locks: NFS locks no folders; the journal's own lock is held too
        yield descriptor


@contextmanager
def _as_write_errors(root: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        where = root if error.filename is None else f"{root}: {error.filename2 or error.filename}"
        hint = _HINTS.get(error.errno or 0, "see to it and run again")
        raise WriteError(f"{where}: {error.strerror or error}; nothing was changed", hint=hint) from error
