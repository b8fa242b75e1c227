"""The user's state folder, where journals live: `$XDG_STATE_HOME/chartgen`, else `~/.local/state/chartgen`.

Where that can't be used, `chartgen-UID` in the folder for temporary files takes its place. A folder is used only if it
belongs to this user, is not a link, can't be written by others, and lies outside the chart's repository: whatever
comes with a chart is never taken for state.
"""

from __future__ import annotations

import hashlib
import os
import pwd
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from chartgen.errors import WriteError

if TYPE_CHECKING:
    from collections.abc import Iterator


def key_of(root: Path) -> str:
    """The name of the journal of the chart whose real path is `root`."""
    return hashlib.sha256(os.fsencode(root)).hexdigest()


def folders(root: Path | None = None) -> Iterator[Path]:
    """The state folders that exist and may be trusted about the chart at `root` (all, where none is given)."""
    for folder in _candidates():
        if _why_not(folder, root) is None:
            yield folder


def made(root: Path) -> Path:
    """The state folder to write to for the chart at `root`, made where it is missing; WriteError if none can be."""
    reasons = []
    for folder in _candidates():
        why = _make(folder) or _why_not(folder, root)
        if why is None:
            return folder
        reasons.append(f"{folder} {why}")
    raise WriteError(
        f"{root}: there is nowhere to keep the undo journal: {'; '.join(reasons)}; nothing was written",
        hint="set XDG_STATE_HOME to a folder of your own outside the repository",
    )


def is_private(status: os.stat_result) -> bool:
    """Whether what has this status belongs to this user and can't be written by others."""
    return status.st_uid == os.geteuid() and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _candidates() -> Iterator[Path]:
    """From the best to the last resort. The XDG specification says that relative paths are to be ignored."""
    given = Path(os.environ.get("XDG_STATE_HOME", ""))
    if given.is_absolute():
        yield given / "chartgen"
    elif home := _home():
        yield home / ".local" / "state" / "chartgen"
    temporary = Path(os.environ.get("TMPDIR", ""))
    # Not tempfile.gettempdir(), which writes a file to find out: this is also asked by runs that write nothing.
    yield (temporary if temporary.is_absolute() else Path("/tmp")) / f"chartgen-{os.geteuid()}"  # noqa: S108


def _home() -> Path | None:
    home = Path(os.environ.get("HOME", ""))
    if home.is_absolute():
        return home
    try:
        return Path(pwd.getpwuid(os.geteuid()).pw_dir)
    except KeyError:
        return None


def _make(folder: Path) -> str | None:
    """Make the folder for this user alone; why that failed."""
    try:
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700)
    except FileExistsError:
        return None
    except OSError as error:
        return f"can't be made ({error.strerror})"
    return None


def _why_not(folder: Path, root: Path | None) -> str | None:
    try:
        status = folder.lstat()
    except OSError as error:
        return f"can't be used ({error.strerror})"
    if not stat.S_ISDIR(status.st_mode):
        return "is not a folder"
    if not is_private(status):
        return "belongs to another user or can be written by others"
    if root is not None and _fence(root) in (real := Path(os.path.realpath(folder)), *real.parents):
        return "lies in the chart's own repository"
    return None if os.access(folder, os.R_OK | os.W_OK | os.X_OK) else "can't be written"


def _fence(root: Path) -> Path:
    """What came together with the chart: the repository around it, else the chart."""
    return next((folder for folder in (root, *root.parents) if os.path.lexists(folder / ".git")), root)
