"""Reading regular files up to a size limit, within a boundary unless the user named them."""

from __future__ import annotations

import os
import stat
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from chartgen.errors import InputError
from chartgen.inputs.boundary import boundary_around, open_regular
from chartgen.inputs.limits import FILE_BYTES, MANIFESTS_BYTES, shown_size
from chartgen.inputs.names import printable
from chartgen.inputs.reads import was_read

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from chartgen.inputs.boundary import Boundary

_CHUNK = 1024 * 1024


def read_named(path: Path | str, most: int = FILE_BYTES) -> bytes:
    """A file that the user named by an option, at any location; InputError if it can't be read."""
    with _refusing(path):
        real = os.path.realpath(path)
        was_read(real)
        return read_open(open_regular(real, printable(str(path)), os.stat(real).st_mode), path, most)


def read_pipe(path: str, most: int = FILE_BYTES) -> bytes | None:
    """What comes through a pipe that the user named, as of `-f <(…)`, None where it is none. It is there only once.

    InputError where more than `most` bytes come, or it cannot be read.
    """
    if not os.path.exists(path) or not stat.S_ISFIFO(os.stat(path).st_mode):
        return None
    with _refusing(path):
        return read_open(os.open(path, os.O_RDONLY | os.O_CLOEXEC), path, most)


def read_confined(path: Path, most: int = FILE_BYTES) -> bytes:
    """A file of a repository; links must stay in the folder with `.git`, else in the file's own folder.

    InputError says why it cannot be read.
    """
    return read_beside(path.parent, path.name, most)


def read_beside(folder: Path, name: str, most: int = FILE_BYTES, boundary: Boundary | None = None) -> bytes:
    """The file `name` in `folder`; its path must stay in the boundary, by default the one around `folder`.

    InputError says why it cannot be read.
    """
    with _refusing(folder / name):
        real = os.path.realpath(folder)
        was_read(os.path.join(real, name))
        descriptor, _ = (boundary or boundary_around(real)).open(real, name)
        return read_open(descriptor, folder / name, most)


def read_open(descriptor: int, path: Path | str, most: int) -> bytes:
    """The content of an open file; closes the descriptor. InputError for more than `most` bytes."""
    chunks: list[bytes] = []
    left = most + 1
    try:
        while left and (chunk := os.read(descriptor, min(left, _CHUNK))):
            chunks.append(chunk)
            left -= len(chunk)
    finally:
        os.close(descriptor)
    if not left:
        raise InputError(
            f"{printable(str(path))}: is larger than {shown_size(most)}, the most that is read of such a file",
            hint="split it, or leave it out",
        )
    return b"".join(chunks)


def read_stdin() -> str:
    """The manifests on stdin; InputError if they are not UTF-8 or too many."""
    stream = getattr(sys.stdin, "buffer", None)
    data = stream.read(MANIFESTS_BYTES + 1) if stream else sys.stdin.read(MANIFESTS_BYTES + 1).encode()
    if len(data) > MANIFESTS_BYTES:
        raise InputError(f"stdin: more than {shown_size(MANIFESTS_BYTES)}", hint="pipe fewer manifests at a time")
    return text_of(data, "stdin")


def text_of(data: bytes, path: Path | str) -> str:
    """UTF-8 as text, with line breaks converted to LF; InputError if it is not UTF-8."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{printable(str(path))}: is not UTF-8 text (byte {error.start})", hint="save it as UTF-8"
        ) from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


@contextmanager
def _refusing(path: Path | str) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:
        if isinstance(error, FileNotFoundError):
            raise InputError(f"{printable(str(path))}: file not found", hint="check the path") from error
        reason = error.strerror if isinstance(error, OSError) else "the name contains a NUL"
        raise InputError(
            f"{printable(str(path))}: can't be read: {reason}", hint="check the path and its permissions"
        ) from error
