"""Whether files are as they were, by their status: nothing is read.

Linux and macOS set a file's `ctime` at each change of its content, and a folder's at each change of its entries; no
program can choose it. A status is only kept if it was older than a tick of that clock when the file was read (see
`Snapshot.is_unchanged`), so a later change has another one. Exceptions are a file that a program changes through a
memory map which it wrote to before, and a network drive whose client remembers old statuses: seconds in both cases.
"""

from __future__ import annotations

import hashlib
import os
import stat

# Importing typing takes longer than all that a remembered answer needs.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    # Device, inode, size, mtime and ctime in nanoseconds.
    Stamp = tuple[int, int, int, int, int]


def stamp(status: os.stat_result) -> Stamp:
    """What changes with a file or folder."""
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def kind_at(path: str) -> int:
    """The type of what is at a path, as in `st_mode`; 0 if nothing is there."""
    try:
        return stat.S_IFMT(os.lstat(path).st_mode)
    except OSError:
        return 0


def signature(stamps: Iterable[Stamp], kinds: Iterable[int], targets: Iterable[str]) -> bytes:
    """One digest of the statuses of files, of what is at other paths, and of where the paths of a command line lead."""
    digest = hashlib.sha256()
    for each in stamps:
        digest.update(b"%d %d %d %d %d\n" % each)
    for kind in kinds:
        digest.update(b"%d\n" % kind)
    for target in targets:
        data = os.fsencode(target)
        digest.update(b"%d:%b" % (len(data), data))
    return digest.digest()


def signature_now(files: Iterable[str], places: Iterable[str], targets: Iterable[str]) -> bytes | None:
    """The signature of files and places as they are now; None if a file is gone."""
    try:
        return signature([stamp(os.lstat(path)) for path in files], map(kind_at, places), targets)
    except OSError:
        return None
