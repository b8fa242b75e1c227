"""Which files this process has read, so that a remembered answer can be compared with all of them."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_read: set[str] = set()


def was_read(real: str) -> None:
    """Note a file, or a chart's folder, by its real path."""
    _read.add(real)


def was_looked_for(path: str) -> None:
    """Note a path that decides by what is there, unless a file is there that is then read.

    A path through a link, or to nothing, is never the real path of a file: no answer that depends on it is remembered.
    """
    if os.path.realpath(path) != os.path.abspath(path) or not os.path.exists(path):
        _read.add(path)


def files_read() -> frozenset[str]:
    """The real paths of all of them."""
    return frozenset(_read)


@contextmanager
def reading() -> Iterator[set[str]]:
    """A set that holds, at the end, what was read meanwhile, including what was read before."""
    global _read  # noqa: PLW0603 - as the files themselves, there is one set for the process
    before, _read = _read, set()
    try:
        yield _read
    finally:
        before |= _read
        _read = before
