"""The user's cache folder: `$XDG_CACHE_HOME/chartgen/results`, else `~/.cache/chartgen/results`.

An entry is one file with pieces of bytes, named by the SHA-256 of everything that its content depends on. The folder
and its entries count only if they belong to this user and nobody else can write to them; every path is opened relative
to the checked folder and never through a link. Files are replaced as a whole, so concurrent runs read an old entry or a
new one.
"""

from __future__ import annotations

import hashlib
import os
import stat
from contextlib import suppress

# Importing typing takes longer than all that a remembered answer needs.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

# What the folder holds at most; the entries used least recently are removed first.
MOST_ENTRIES = 2_000
MOST_BYTES = 64 * 1024 * 1024
LARGEST_ENTRY = 4 * 1024 * 1024
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_WRITE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_FORMAT = b"chartgen 2"


def folder_path() -> str:
    """The path of the cache folder; relative paths are ignored, as the XDG specification requires."""
    given = os.environ.get("XDG_CACHE_HOME", "")
    top = given if os.path.isabs(given) else os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(top, "chartgen", "results")


def load(key: str) -> list[bytes] | None:
    """The pieces stored under the key, None without a valid entry. Using an entry keeps it from being removed."""
    folder = _opened()
    if folder is None:
        return None
    try:
        data = _data(folder, key)
        with suppress(OSError):
            os.utime(key, dir_fd=folder, follow_symlinks=False)
        return _pieces(key, data)
    except (OSError, ValueError):
        return None
    finally:
        os.close(folder)


def store(key: str, pieces: Sequence[bytes]) -> None:
    """Store pieces under the key; nothing happens if the folder can't be used or the disk is full."""
    content = b"".join(b"%d:%b" % (len(piece), piece) for piece in pieces)
    entry = b"\n".join((_heading(key, content), content))
    if len(entry) > LARGEST_ENTRY:
        return
    folder = _opened(make=True)
    if folder is None:
        return
    temporary = f".{os.getpid()}-{os.urandom(8).hex()}"
    try:
        _write(folder, temporary, entry)
        os.replace(temporary, key, src_dir_fd=folder, dst_dir_fd=folder)
        _shrink(folder)
    except OSError:
        with suppress(OSError):
            os.unlink(temporary, dir_fd=folder)
    finally:
        os.close(folder)


def clear() -> int:
    """Remove every entry; returns how many there were."""
    folder = _opened()
    if folder is None:
        return 0
    try:
        names = [name for name in os.listdir(folder) if _is_entry(name) or name.startswith(".")]
        return sum(_is_entry(name) for name in names if _removed(folder, name))
    finally:
        os.close(folder)


def is_private(status: os.stat_result) -> bool:
    """Whether an entry with this status belongs to this user and can't be written by others."""
    return status.st_uid == os.geteuid() and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def _opened(*, make: bool = False) -> int | None:
    """A descriptor of the folder, None if it is missing or can't be trusted."""
    path = folder_path()
    try:
        if make:
            os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
            with suppress(FileExistsError):
                os.mkdir(path, 0o700)
        folder = os.open(path, _FOLDER)
    except OSError:
        return None
    if is_private(os.fstat(folder)):
        return folder
    os.close(folder)
    return None


def _data(folder: int, key: str) -> bytes:
    descriptor = os.open(key, _READ, dir_fd=folder)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or not is_private(status) or status.st_size > LARGEST_ENTRY:
            raise ValueError(key)
        return b"".join(iter(lambda: os.read(descriptor, LARGEST_ENTRY), b""))
    finally:
        os.close(descriptor)


def _heading(key: str, content: bytes) -> bytes:
    return b"%b %b %b" % (_FORMAT, key.encode(), hashlib.sha256(content).hexdigest().encode())


def _pieces(key: str, data: bytes) -> list[bytes]:
    """The pieces of an entry; ValueError for other content, also for that of another entry."""
    heading, _, content = data.partition(b"\n")
    if heading != _heading(key, content):
        raise ValueError(key)
    pieces, offset = [], 0
    while offset < len(content):
        start = content.index(b":", offset) + 1
        offset = start + int(content[offset : start - 1])
        pieces.append(content[start:offset])
    return pieces


def _write(folder: int, name: str, data: bytes) -> None:
    descriptor = os.open(name, _WRITE, 0o600, dir_fd=folder)
    try:
        left = memoryview(data)
        while left:
            left = left[os.write(descriptor, left) :]
    finally:
        os.close(descriptor)


def _shrink(folder: int) -> None:
    """Remove what exceeds the bounds, and what killed runs left behind."""
    found = sorted(_states(folder, os.listdir(folder)), key=lambda state: -state[1])
    size = 0
    for number, (name, _, length) in enumerate(found):
        size += length
        if number >= MOST_ENTRIES or size > MOST_BYTES:
            _removed(folder, name)


def _states(folder: int, names: Iterable[str]) -> Iterator[tuple[str, float, int]]:
    """Name, time of last use and size."""
    for name in names:
        with suppress(OSError):
            status = os.stat(name, dir_fd=folder, follow_symlinks=False)
            yield name, status.st_mtime, status.st_size


def _is_entry(name: str) -> bool:
    return len(name) == hashlib.sha256().digest_size * 2 and not name.strip("0123456789abcdef")


def _removed(folder: int, name: str) -> bool:
    try:
        os.unlink(name, dir_fd=folder)
    except OSError:
        return False
    return True
