"""The boundary that symbolic links must not cross, and opening files within it.

A chart in a pull request can contain a link to any file on the machine that runs chartgen. Each step of a path is
opened relative to the previous folder and never through a link (O_NOFOLLOW): chartgen reads the link and opens its
steps the same way. Nothing can be swapped between check and use, because the checked file is the open one.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from chartgen.errors import InputError
from chartgen.inputs.limits import LINKS
from chartgen.inputs.names import printable

if TYPE_CHECKING:
    from pathlib import Path

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
# Contains the credentials of the checkout in CI.
_PRIVATE = ".git"


class Boundary(NamedTuple):
    """The real path of the folder that no path may lead out of."""

    root: str

    def open(self, folder: str, inside: str) -> tuple[int, str]:
        """Descriptor and real path of the regular file or folder `inside`, relative to the real path `folder`.

        InputError if a link leads out of the boundary, into `.git` or to itself, and for devices, pipes and sockets;
        OSError if it is missing or not readable.
        """
        walk = _Walk(self.root, printable(os.path.join(folder, inside)))
        try:
            walk.go(os.path.join(folder, inside))
            return walk.taken()
        finally:
            walk.close()


def boundary_around(folder: Path | str, argument: Path | str | None = None) -> Boundary:
    """The nearest folder with `.git` around `folder`; else `argument` if `folder` is below it, else `folder`."""
    real = os.path.realpath(folder)
    candidate = real
    while True:
        if os.path.lexists(os.path.join(candidate, _PRIVATE)):
            return Boundary(candidate)
        parent = os.path.dirname(candidate)
        if parent == candidate:
            break
        candidate = parent
    named = os.path.realpath(argument) if argument is not None else real
    return Boundary(named if is_below(real, named) else real)


def is_below(path: str, folder: str) -> bool:
    """Whether an absolute path is the folder or is below it, as written."""
    return path == folder or path.startswith(folder.rstrip("/") + "/")


class _Walk:
    """One walk from the root, step by step, with every folder on the way open."""

    def __init__(self, root: str, shown: str) -> None:
        self._root, self._shown = root, shown
        self._names: list[str] = []
        self._folders = [os.open(root, _FOLDER)]
        self._file: int | None = None
        self._links = 0

    def go(self, path: str) -> None:
        todo = self._steps(path)
        while todo:
            step = todo.pop()
            if step in {"", "."}:
                continue
            if self._file is not None:
                raise NotADirectoryError(20, os.strerror(20), self._shown)
            if step == "..":
                self._up()
            else:
                todo += self._enter(step)

    def taken(self) -> tuple[int, str]:
        """Descriptor and real path of the target; the caller closes it."""
        if self._file is not None:
            taken, self._file = self._file, None
        else:
            taken = os.dup(self._folders[-1])
        return taken, os.path.join(self._root, *self._names)

    def close(self) -> None:
        for descriptor in [*self._folders, *([] if self._file is None else [self._file])]:
            with suppress(OSError):
                os.close(descriptor)

    def _steps(self, path: str) -> list[str]:
        """The steps of an absolute path below the root, in reverse order."""
        if not is_below(path, self._root):
            raise self._leaves()
        return path[len(self._root) :].split("/")[::-1]

    def _up(self) -> None:
        if not self._names:
            raise self._leaves()
        self._names.pop()
        os.close(self._folders.pop())

    def _enter(self, name: str) -> list[str]:
        """Open `name` here; for a link, return the steps to walk instead."""
        if name.lower() == _PRIVATE:
            raise InputError(f"{self._shown}: leads into .git, which is not read", hint="remove the link")
        mode = os.stat(name, dir_fd=self._folders[-1], follow_symlinks=False).st_mode
        if stat.S_ISLNK(mode):
            return self._linked(name)
        self._names.append(name)
        if stat.S_ISDIR(mode):
            self._folders.append(os.open(name, _FOLDER, dir_fd=self._folders[-1]))
        else:
            self._file = open_regular(name, self._shown, mode, folder=self._folders[-1])
        return []

    def _linked(self, name: str) -> list[str]:
        self._links += 1
        if self._links > LINKS:
            raise InputError(f"{self._shown}: the symbolic link leads to itself", hint="remove the link")
        target = os.readlink(name, dir_fd=self._folders[-1])
        if not target.startswith("/"):
            return target.split("/")[::-1]
        steps = self._steps(target)
        while self._names:
            self._up()
        return steps

    def _leaves(self) -> InputError:
        return InputError(
            f"{self._shown}: leads out of {printable(self._root)}, and nothing outside is read",
            hint="replace the link by the file, or name the folder around both: links are followed below .git's folder",
        )


def open_entry(boundary: Boundary, folder: int, real: str, name: str, mode: int) -> tuple[int, str]:
    """Descriptor and real path of `name`, of this mode when it was listed, in an open folder with the real path `real`.

    Errors as for Boundary.open.
    """
    path = os.path.join(real, name)
    if stat.S_ISLNK(mode):
        return boundary.open(real, name)
    if stat.S_ISDIR(mode):
        return os.open(name, _FOLDER, dir_fd=folder), path
    return open_regular(name, printable(path), mode, folder=folder), path


def open_regular(name: str, shown: str, mode: int, *, folder: int | None = None) -> int:
    """Descriptor of the regular file `name`; InputError for a device, pipe or socket, without blocking."""
    if stat.S_ISREG(mode):
        descriptor = os.open(name, _FILE, dir_fd=folder)
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            return descriptor
        os.close(descriptor)
    raise InputError(f"{shown}: is {_kind(mode)}, not a regular file", hint="replace it by a file with the text")


def _kind(mode: int) -> str:
    if stat.S_ISFIFO(mode):
        return "a pipe"
    if stat.S_ISSOCK(mode):
        return "a socket"
    return "a folder" if stat.S_ISDIR(mode) else "a device"
