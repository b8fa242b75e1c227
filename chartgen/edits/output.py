"""Writing a file that the user names, such as a report: atomically, and never through a link out of its folder."""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
import stat
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from chartgen.edits import folder as at
from chartgen.edits import state
from chartgen.errors import WriteError

if TYPE_CHECKING:
    from collections.abc import Iterator

_PREFIX = "output-"


def write_output(path: Path, data: bytes) -> None:
    """Write `data` to `path`, creating missing folders; WriteError for a link that leads out, OSError if writing fails.

    Follows a link that stays in its folder or repository. Writes to a device or a pipe, such as `/dev/stdout`,
    directly.
    """
    if not _is_device_name(path):
        _refuse_link_out(path)
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file():
        target = path if _is_device_name(path) else target
        target.write_bytes(data)
        return
    if target.exists() and not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(target))
    target.parent.mkdir(parents=True, exist_ok=True)
    with at.opened(target.parent) as folder, _staging_folder(target.parent, folder) as staged:
        _replace(folder, target.name, staged, data)


def _replace(folder: int, name: str, staged: int, data: bytes) -> None:
    temporary = f".chartgen-{secrets.token_hex(16)}" if staged == folder else f"{_PREFIX}{secrets.token_hex(16)}"
    try:
        at.write(staged, temporary, data, like=at.status(folder, name))
        os.rename(temporary, name, src_dir_fd=staged, dst_dir_fd=folder)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary, dir_fd=staged)
        raise
    at.sync(folder)


@contextmanager
def _staging_folder(target: Path, folder: int) -> Iterator[int]:
    """The open folder for the unfinished file: the state folder if a rename from there is atomic, else its own."""
    try:
        place = state.made(target)
    except WriteError:
        yield folder
        return
    with at.opened(place) as staged:
        if not at.can_move(staged, folder):
            yield folder
            return
        with suppress(OSError):  # another run writes, or the file system doesn't support locks
            fcntl.flock(staged, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _sweep(staged)
        with suppress(OSError):
            fcntl.flock(staged, fcntl.LOCK_SH)
        yield staged


def _sweep(staged: int) -> None:
    """Remove files of killed runs: no other run writes now, because this one holds the exclusive lock."""
    for name in os.listdir(staged):
        if name.startswith(_PREFIX):
            os.unlink(name, dir_fd=staged)


def _is_device_name(path: Path) -> bool:
    """Whether the path is a device or an open file of this process, which may link anywhere."""
    lexical = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links
    return lexical.parts[:2] in {("/", "dev"), ("/", "proc")}


def _refuse_link_out(path: Path) -> None:
    lexical = Path(os.path.abspath(path))  # noqa: PTH100
    fence = next((folder for folder in lexical.parents if os.path.lexists(folder / ".git")), lexical.parent)
    real, inside = Path(os.path.realpath(path)), Path(os.path.realpath(fence))
    if inside not in real.parents:
        raise WriteError(f"{path}: is a link that leads out of {fence}, to {real}", hint="name that file itself")
    if os.path.lexists(real) and not stat.S_ISREG(real.lstat().st_mode) and path.is_symlink():
        raise WriteError(f"{path}: is a link to {real}, which is not a file", hint="name that one itself")
