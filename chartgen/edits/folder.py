"""Accessing files below a folder step by step without following links, even if a step is swapped for a link meanwhile.

Paths are relative to an open folder, with forward slashes, and without `.`, `..` or links.
"""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import stat
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# Don't block on a FIFO in place of a file.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_NOT_SYNCED = frozenset({errno.EINVAL, errno.ENOTSUP, errno.ENOSYS})


@contextmanager
def opened(path: Path | str, below: int | None = None) -> Iterator[int]:
    """The folder at `path` (of the open folder `below`), open; OSError if it is a link or isn't a folder."""
    descriptor = os.open(path, _FOLDER, dir_fd=below)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def parent_of(root: int, path: str) -> Iterator[tuple[int, str]]:
    """The open folder that holds `path`, and the name of `path` in it; FileNotFoundError if a step is missing."""
    *steps, name = path.split("/")
    descriptor = os.dup(root)
    try:
        for step in steps:
            deeper = os.open(step, _FOLDER, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = deeper
        yield descriptor, name
    finally:
        os.close(descriptor)


def nearest_folder(root: int, path: str) -> str:
    """The deepest folder on the way to `path` that exists, "" for the root itself."""
    steps = path.split("/")[:-1]
    while steps and status(root, "/".join(steps)) is None:
        steps.pop()
    return "/".join(steps)


def status(root: int, path: str) -> os.stat_result | None:
    """The status of the entry at `path`, without following a link; None if there is none."""
    try:
        with parent_of(root, path) as (folder, name):
            return os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return None


def read(folder: int, name: str, limit: int | None = None) -> bytes:
    """The bytes of a regular file; OSError for anything else, and for more than `limit` bytes."""
    descriptor = os.open(name, _FILE, dir_fd=folder)
    try:
        about = os.fstat(descriptor)
        if not stat.S_ISREG(about.st_mode) or (limit is not None and about.st_size > limit):
            raise OSError(errno.EINVAL, "is not a regular file", name)
        with open(descriptor, "rb", closefd=False) as stream:
            return stream.read()
    finally:
        os.close(descriptor)


def digest_of(data: bytes) -> str:
    """The SHA-256 of `data` in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def digest(root: int, path: str) -> str | None:
    """The SHA-256 of the file at `path`, None if there is none; "" if it isn't a regular file."""
    try:
        with parent_of(root, path) as (folder, name):
            return digest_of(read(folder, name))
    except FileNotFoundError:
        return None
    except OSError as error:
        if error.errno in {errno.EINVAL, errno.ELOOP, errno.ENOTDIR, errno.ENXIO}:
            return ""
        raise


def write(folder: int, name: str, data: bytes, mode: int = 0o666, *, like: os.stat_result | None = None) -> None:
    """Write and sync a new file, with mode and owner of `like` if given, else with `mode` and the umask."""
    descriptor = os.open(name, _NEW, mode if like is None else 0o600, dir_fd=folder)
    try:
        left = memoryview(data)
        while left:
            left = left[os.write(descriptor, left) :]
        if like is not None:
            _own_like(descriptor, like)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def inherit_group(folder: int, name: str, parent: int) -> None:
    """Give a new file the group that it would get in `parent`, if that has the setgid bit."""
    about = os.fstat(parent)
    if about.st_mode & stat.S_ISGID:
        with suppress(PermissionError):
            os.chown(name, -1, about.st_gid, dir_fd=folder, follow_symlinks=False)


def keep(source: tuple[int, str], copy: tuple[int, str]) -> None:
    """Keep a file under a second name: a hard link, or a copy if that isn't possible."""
    (source_folder, name), (folder, copied) = source, copy
    try:
        os.link(name, copied, src_dir_fd=source_folder, dst_dir_fd=folder, follow_symlinks=False)
    except OSError:
        about = os.stat(name, dir_fd=source_folder, follow_symlinks=False)
        write(folder, copied, read(source_folder, name), like=about)


def can_move(source: int, target: int) -> bool:
    """Whether files can be renamed from one open folder to the other: both are on one mounted file system."""
    if os.fstat(source).st_dev != os.fstat(target).st_dev:
        return False
    absent = f".chartgen-{secrets.token_hex(16)}"
    try:
        # Linux compares the mounts before it looks up the file (fs/namei.c: do_renameat2), so nothing changes.
        os.rename(absent, absent, src_dir_fd=source, dst_dir_fd=target)
    except OSError as error:
        if error.errno not in {errno.ENOENT, errno.EXDEV}:
            raise
        return error.errno == errno.ENOENT
    return True


def clear(folder: int) -> None:
    """Remove all files of an open folder."""
    for name in os.listdir(folder):
        os.unlink(name, dir_fd=folder)


def sync(folder: int) -> None:
    """Flush an open folder to the disk; ignores file systems that can't flush folders."""
    try:
        os.fsync(folder)
    except OSError as error:
        if error.errno not in _NOT_SYNCED:
            raise


def _own_like(descriptor: int, status: os.stat_result) -> None:
    with suppress(PermissionError):
        os.fchown(descriptor, status.st_uid, status.st_gid)
    os.fchmod(descriptor, stat.S_IMODE(status.st_mode))
