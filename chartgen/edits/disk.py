"""The few system calls a write needs: synced, with the mode and owner of what they replace."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from contextlib import suppress
from pathlib import Path


def real(path: Path) -> Path:
    """The path with every link on it followed; it need not exist."""
    return Path(os.path.realpath(path))


def inside(root: Path, path: Path) -> bool:
    """Whether `path`, links followed, lies below `root`."""
    return real(root) in real(path).parents


def digest(path: Path) -> str | None:
    """The SHA-256 of the file, None where there is none."""
    try:
        return digest_of(path.read_bytes())
    except FileNotFoundError:
        return None


def digest_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def keep(source: Path, copy: Path) -> None:
    """A second name for the file, which keeps its owner and attributes; a copy where links are not to be had."""
    try:
        os.link(source, copy)
    except OSError:
        shutil.copy2(source, copy)
        _own_like(copy, source.stat())
    sync(copy)


def write(path: Path, data: bytes, *, like: Path) -> None:
    """A new file, synced: mode and owner of `like` where that exists, else what the umask leaves."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    with open(descriptor, "wb") as stream:  # noqa: PTH123 - pathlib opens no descriptors
        stream.write(data)
        if like.exists():
            _own_like(path, like.stat())
        stream.flush()
        os.fsync(descriptor)


def _own_like(path: Path, status: os.stat_result) -> None:
    with suppress(PermissionError):
        os.chown(path, status.st_uid, status.st_gid)
    path.chmod(stat.S_IMODE(status.st_mode))


def sync(path: Path) -> None:
    """Flush a file or folder to the disk; file systems that cannot do so for folders are let be."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        with suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def device(path: Path) -> int:
    """The file system `path` lies on, or would lie on."""
    while not path.exists():
        path = path.parent
    return path.stat().st_dev


def missing_folders(root: Path, target: Path) -> list[Path]:
    """The folders between `root` and `target` that do not exist, outermost first."""
    return [folder for folder in reversed(target.parents) if root in folder.parents and not folder.exists()]
