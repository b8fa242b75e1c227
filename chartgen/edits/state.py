"""The user's state folder with the journals: `$XDG_STATE_HOME/chartgen`, else `~/.local/state/chartgen`.

The fallback is `chartgen-UID` in the folder for temporary files. A folder is used only if it belongs to this user, is
not a link, can't be written by others, and is outside the chart's repository: files from a chart never count as state.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from chartgen.errors import WriteError

if TYPE_CHECKING:
    from collections.abc import Iterator


def key_of(root: Path) -> str:
    """The name of the journal of the chart whose real path is `root`."""
    import hashlib

    return hashlib.sha256(os.fsencode(root)).hexdigest()


def folders(root: Path | None = None) -> Iterator[Path]:
    """The existing state folders that can be trusted for the chart at `root` (without `root`: for any chart)."""
    for folder in _candidates():
        if _why_not(folder, root) is None:
            yield folder


def made(root: Path) -> Path:
    """The state folder for a write to the chart at `root`, created if missing; WriteError if no folder is usable."""
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
    """Whether an entry with this status belongs to this user and can't be written by others."""
    return status.st_uid == os.geteuid() and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _candidates() -> Iterator[Path]:
    """Candidates, the preferred first. Relative paths are ignored, as the XDG specification requires."""
    given = Path(os.environ.get("XDG_STATE_HOME", ""))
    if given.is_absolute():
        yield given / "chartgen"
    elif home := _home():
        yield home / ".local" / "state" / "chartgen"
    temporary = Path(os.environ.get("TMPDIR", ""))
    # Not tempfile.gettempdir(), which writes a test file: runs that write nothing call this, too.
    yield (temporary if temporary.is_absolute() else Path("/tmp")) / f"chartgen-{os.geteuid()}"  # noqa: S108


def _home() -> Path | None:
    home = Path(os.environ.get("HOME", ""))
    if home.is_absolute():
        return home
    import pwd

    try:
        return Path(pwd.getpwuid(os.geteuid()).pw_dir)
    except KeyError:
        return None


def _make(folder: Path) -> str | None:
    """Create the folder for this user only; returns the reason of a failure."""
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
    """The repository around the chart, else the chart."""
    return next((folder for folder in (root, *root.parents) if os.path.lexists(folder / ".git")), root)
