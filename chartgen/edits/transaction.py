"""All of a plan or nothing, whatever happens on the way.

New contents and the old ones are first written to `.chartgen-journal/` in the chart, then a journal that lists them,
then each file is replaced by a rename, then the journal goes. While it stands, `recover` puts the old bytes back; a
process that is killed therefore leaves the chart as it was (once recovered, at the next run) or as it should be.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from typing import TYPE_CHECKING, Any

from chartgen.errors import ConflictError, WriteError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from chartgen.edits.plan import FileChange, Plan

JOURNAL_FOLDER = ".chartgen-journal"
_JOURNAL = "journal.json"
_NEW_FILE_MODE = 0o666


def apply(plan: Plan, *, step: Callable[[str], None] = lambda _: None) -> None:
    """Write all changes of `plan`, or none. `step` is called before each step that a crash may follow (tests).

    Raises ConflictError where a file is no longer what the plan was made from, WriteError where the system refuses;
    the chart is then as it was.
    """
    root = plan.root
    targets = {change.path: _target(root, change.path) for change in plan.changes}
    changed = [path for path, change in zip(targets, plan.changes, strict=True) if _now(targets[path]) != change.before]
    if changed:
        raise ConflictError(
            [f"{path}: changed on disk since it was read" for path in changed], hint="nothing was written; run again"
        )
    folder = root / JOURNAL_FOLDER
    try:
        _create_folder(folder)
        step("folder")
        _stage(folder, plan.changes, targets, step)
        for number, change in enumerate(plan.changes):
            step(f"replace {change.path}")
            targets[change.path].parent.mkdir(parents=True, exist_ok=True)
            (folder / f"new-{number}").replace(targets[change.path])
        step("commit")
        _sync_folders({target.parent for target in targets.values()})
        (folder / _JOURNAL).unlink()
        step("clean")
        shutil.rmtree(folder)
    except OSError as error:
        with contextlib.suppress(OSError):
            recover(root)
        raise WriteError(
            f"{error.filename or root}: {error.strerror or error}; the chart is as it was",
            hint="make the chart's folder writable and leave room on the disk, then run again",
        ) from error
    except BaseException:
        # Ctrl-C too: nothing half done stays.
        recover(root)
        raise


def recover(root: Path) -> bool:
    """Undo what a killed run left in the chart; returns whether there was anything. Raises ConflictError, WriteError.

    A file that somebody changed after the crash is left alone and named: its old bytes stay in the journal's folder.
    """
    folder = root / JOURNAL_FOLDER
    if not folder.is_dir():
        return False
    journal = folder / _JOURNAL
    try:
        entries = json.loads(journal.read_text(encoding="utf-8")) if journal.exists() else []
        foreign = [entry["path"] for entry in entries if not _is_known(root, folder, entry)]
        if foreign:
            raise ConflictError(
                [f"{path}: changed after an interrupted run of chartgen" for path in foreign],
                hint=f"the old files stand in {folder}; put right what you need, then remove that folder",
            )
        for entry in entries:
            _put_back(root, folder, entry)
        journal.unlink(missing_ok=True)
        shutil.rmtree(folder)
    except OSError as error:
        raise WriteError(
            f"{error.filename or folder}: {error.strerror or error}; an interrupted run could not be undone",
            hint=f"make it writable and run again; the old files stand in {folder}",
        ) from error
    return True


def _create_folder(folder: Path) -> None:
    try:
        folder.mkdir()
    except FileExistsError:
        raise ConflictError(
            [f"{folder}: another run of chartgen is changing this chart"],
            hint="wait for it to end; if there is none, run again and it will be undone first",
        ) from None


def _target(root: Path, path: str) -> Path:
    """Where the bytes go: a symbolic link is written through, but never out of the chart."""
    target = root / path
    if not target.is_symlink():
        return target
    real = target.resolve()
    if not real.is_relative_to(root.resolve()):
        raise ConflictError([f"{path}: a symbolic link out of the chart, to {real}"], hint="nothing was written")
    return real


def _now(target: Path) -> bytes | None:
    try:
        return target.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise WriteError(f"{target}: {error.strerror}", hint="nothing was written") from error


def _stage(
    folder: Path, changes: tuple[FileChange, ...], targets: dict[str, Path], step: Callable[[str], None]
) -> None:
    entries: list[dict[str, Any]] = []
    for number, change in enumerate(changes):
        mode = targets[change.path].stat().st_mode & 0o7777 if change.before is not None else None
        _write(folder / f"new-{number}", change.after, mode)
        _write(folder / f"same-{number}", change.after, mode)
        if change.before is not None:
            _write(folder / f"old-{number}", change.before, mode)
            _keep_owner(folder / f"new-{number}", targets[change.path])
        entries.append({"path": change.path, "number": number, "existed": change.before is not None})
        step(f"stage {change.path}")
    _write(folder / f"{_JOURNAL}.part", json.dumps(entries).encode(), None)
    step("journal")
    (folder / f"{_JOURNAL}.part").replace(folder / _JOURNAL)
    _sync_folders({folder})


def _write(path: Path, data: bytes, mode: int | None) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _NEW_FILE_MODE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        if mode is not None:
            path.chmod(mode)
        os.fsync(file.fileno())


def _keep_owner(path: Path, like: Path) -> None:
    """Root edits other people's files: they stay theirs."""
    owner = like.stat()
    if os.name == "posix" and (owner.st_uid, owner.st_gid) != (os.getuid(), os.getgid()):
        with contextlib.suppress(PermissionError):
            os.chown(path, owner.st_uid, owner.st_gid)


def _sync_folders(folders: set[Path]) -> None:
    for folder in folders:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _is_known(root: Path, folder: Path, entry: dict[str, Any]) -> bool:
    """Whether the file is what it was before the run, or what the run made of it."""
    now = _now(_target(root, entry["path"]))
    return any(now == known for known in _known_contents(folder, entry))


def _known_contents(folder: Path, entry: dict[str, Any]) -> Iterator[bytes | None]:
    number = entry["number"]
    yield (folder / f"old-{number}").read_bytes() if entry["existed"] else None
    yield (folder / f"same-{number}").read_bytes()


def _put_back(root: Path, folder: Path, entry: dict[str, Any]) -> None:
    target = _target(root, entry["path"])
    if not entry["existed"]:
        target.unlink(missing_ok=True)
        return
    old = folder / f"old-{entry['number']}"
    if _now(target) == old.read_bytes():
        return
    copy = folder / f"back-{entry['number']}"
    copy.unlink(missing_ok=True)
    shutil.copy2(old, copy)
    copy.replace(target)
