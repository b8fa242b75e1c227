"""The files in a chart's folder that Helm would load, opened within the boundary and limited in size and number."""

from __future__ import annotations

import os
import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from chartgen.charts.ignore import Ignore
from chartgen.errors import InputError
from chartgen.inputs.boundary import boundary_around, open_entry
from chartgen.inputs.files import read_open
from chartgen.inputs.limits import FILE_BYTES, HELMIGNORE_BYTES
from chartgen.inputs.names import checked_name, printable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from chartgen.inputs.boundary import Boundary
    from chartgen.inputs.limits import Tally

_IGNORE = ".helmignore"
# Git's folder, or the file of that name in a worktree: never part of the chart, never read.
_GIT = ".git"


def folder_files(root: Path, argument: Path | None, tally: Tally) -> Iterator[tuple[str, bytes]]:
    """Path below the chart and bytes of each file that Helm loads, sorted by name.

    Follows links only within the boundary (boundary_around), and never into a folder that contains the link. InputError
    for a link that leads out of the boundary or is broken (Helm rejects these, too), for other than regular files, and
    for a name that isn't UTF-8.
    """
    real = os.path.realpath(root)
    boundary = boundary_around(real, argument)
    with _refusing(root, _IGNORE):
        ignore = Ignore(_helmignore(root, real, boundary), f"{printable(str(root))}/{_IGNORE}")
    with _refusing(root, ""):
        descriptor, _ = boundary.open(real, "")
    yield from _Walk(root, boundary, ignore, tally).files(descriptor, real, "", frozenset())


def _helmignore(root: Path, real: str, boundary: Boundary) -> str:
    try:
        descriptor, _ = boundary.open(real, _IGNORE)
    except FileNotFoundError:
        return ""
    return read_open(descriptor, root / _IGNORE, HELMIGNORE_BYTES).decode("utf-8", "replace")


class _Walk(NamedTuple):
    """One walk over a chart's folder."""

    root: Path
    boundary: Boundary
    ignore: Ignore
    tally: Tally

    def files(
        self, descriptor: int, real: str, below: str, seen: frozenset[tuple[int, int]]
    ) -> Iterator[tuple[str, bytes]]:
        """The files below an open folder with the real path `real`; closes the descriptor at the end."""
        try:
            about = os.fstat(descriptor)
            here = (about.st_dev, about.st_ino)
            for name, mode in self._entries(descriptor, below) if here not in seen else ():
                yield from self._entry(descriptor, real, f"{below}{name}", mode, seen | {here})
        finally:
            os.close(descriptor)

    def _entries(self, descriptor: int, below: str) -> list[tuple[str, int]]:
        with _refusing(self.root, below), os.scandir(descriptor) as entries:
            return sorted((entry.name, entry.stat(follow_symlinks=False).st_mode) for entry in entries)

    def _entry(
        self, folder: int, real: str, path: str, mode: int, seen: frozenset[tuple[int, int]]
    ) -> Iterator[tuple[str, bytes]]:
        name = path.rpartition("/")[2]
        if name == _GIT or self._is_ignored(path, mode):
            return
        self.tally.entry()
        checked_name(path, f"{self.root}/{path}")
        with _refusing(self.root, path):
            opened, target = open_entry(self.boundary, folder, real, name, mode)
        is_link, mode = stat.S_ISLNK(mode), os.fstat(opened).st_mode
        if is_link and self._is_ignored(path, mode):
            os.close(opened)
        elif stat.S_ISDIR(mode):
            yield from self.files(opened, target, f"{path}/", seen)
        else:
            data = read_open(opened, self.root / path, FILE_BYTES)
            self.tally.count(len(data))
            yield path, data

    def _is_ignored(self, path: str, mode: int) -> bool:
        """Whether .helmignore excludes the path; a link, only if it excludes both a file and a folder there."""
        if path == "Chart.yaml":
            return False
        kinds = (True, False) if stat.S_ISLNK(mode) else (stat.S_ISDIR(mode),)
        return all(self.ignore.ignores(path, is_folder=is_folder) for is_folder in kinds)


@contextmanager
def _refusing(root: Path, path: str) -> Iterator[None]:
    """Turn an OSError into an InputError for this path of the chart."""
    try:
        yield
    except OSError as error:
        reason = "the symbolic link leads nowhere" if isinstance(error, FileNotFoundError) else error.strerror
        raise InputError(
            f"{printable(str(root / path))}: cannot be read: {reason}", hint="correct it, or list it in .helmignore"
        ) from error
