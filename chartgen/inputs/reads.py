"""Which files this process has read, so that a remembered answer can be compared with all of them."""

from __future__ import annotations

_read: set[str] = set()


def was_read(real: str) -> None:
    """Note a file, or a chart's folder, by its real path."""
    _read.add(real)


def files_read() -> frozenset[str]:
    """The real paths of all of them."""
    return frozenset(_read)
