"""What chartgen itself consists of: another version of any part may give another answer."""

from __future__ import annotations

import os
import sys

# Importing typing takes longer than all that a remembered answer needs.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# Of the repository in a development install; the wheel has them in the package.
_SCHEMAS = os.path.join(os.path.dirname(_PACKAGE), "schemas")


def parts() -> Iterator[str]:
    """A line for Python, for each installed distribution, and for each file of chartgen, in a stable order."""
    yield f"{sys.version} {sys.platform} {sys.executable}"
    for folder in sys.path:
        yield from sorted(_distributions(folder))
    for folder in (_PACKAGE, _SCHEMAS):
        yield from sorted(_files(folder))


def _distributions(folder: str) -> Iterator[str]:
    """Installing another version replaces the folder with its metadata."""
    try:
        with os.scandir(folder or ".") as entries:
            for entry in entries:
                if entry.name.endswith((".dist-info", ".egg-info", ".pth")):
                    yield f"{folder}/{entry.name} {entry.stat().st_mtime_ns}"
    except OSError:
        return


def _files(folder: str) -> Iterator[str]:
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name == "__pycache__":
                    continue
                if entry.is_dir(follow_symlinks=False):
                    yield from _files(entry.path)
                else:
                    status = entry.stat()
                    yield f"{entry.path} {status.st_size} {status.st_mtime_ns} {status.st_ctime_ns}"
    except OSError:
        return
