"""Where the files of a write are staged: in the state folder, or in the chart if a rename is atomic only there."""

from __future__ import annotations

import os
import secrets
import stat
from contextlib import contextmanager
from typing import TYPE_CHECKING

from chartgen.edits import folder as at
from chartgen.edits import journal, state
from chartgen.errors import WriteError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path


@contextmanager
def begun(root: Path, chart: int, entries: Sequence[journal.Entry]) -> Iterator[journal.Journal]:
    """A new journal, locked, for a write to the chart at `root`; WriteError if it can't be all or nothing."""
    folder = state.made(root) / state.key_of(root)
    made, hidden = _missing_folders(chart, entries), None
    if not _can_move_all(chart, folder.parent, entries):
        hidden, made = _hidden_folder(root, chart, entries, made)
    folder.mkdir(mode=0o700)
    with journal.locked(folder) as is_mine:
        if not is_mine:
            raise WriteError(f"{root}: another run of chartgen is writing here", hint="run again when it ends")
        yield journal.Journal(root, folder, tuple(entries), tuple(made), hidden)


def _missing_folders(chart: int, entries: Sequence[journal.Entry]) -> list[str]:
    """The missing parent folders of the targets, outermost first."""
    missing: list[str] = []
    for entry in entries:
        steps = entry.target.split("/")[:-1]
        for depth in range(1, len(steps) + 1):
            path = "/".join(steps[:depth])
            if path not in missing and at.status(chart, path) is None:
                missing.append(path)
    return missing


def _can_move_all(chart: int, source: Path | str, entries: Sequence[journal.Entry]) -> bool:
    """Whether files of the folder `source` (a path, or relative to the chart) can replace every target atomically."""
    with at.opened(source, chart) as staged:
        for path in sorted({at.nearest_folder(chart, entry.target) for entry in entries}):
            with at.parent_of(chart, f"{path}/." if path else ".") as (parent, _):
                if not at.can_move(staged, parent):
                    return False
    return True


def _hidden_folder(root: Path, chart: int, entries: Sequence[journal.Entry], made: list[str]) -> tuple[str, list[str]]:
    """A folder of the chart for the staged files, invisible to Helm, and the folders to create."""
    name = f".chartgen-{secrets.token_hex(16)}"
    if at.status(chart, "Chart.yaml") is None:
        where = ""
    else:
        where = "templates"
        about = at.status(chart, where)
        if about is None:
            made = [*made, where] if where not in made else made
        elif not stat.S_ISDIR(about.st_mode):
            raise _elsewhere(root, "templates is a link")
    nearest = at.nearest_folder(chart, f"{where}/x" if where else "x")
    if not _can_move_all(chart, nearest or ".", entries):
        raise _elsewhere(root, "it spans more than one file system itself")
    return (f"{where}/{name}" if where else name), made


def _elsewhere(root: Path, why: str) -> WriteError:
    return WriteError(
        f"{root}: the chart lies on another file system than the state folder, and {why}; nothing was written",
        hint=f"set XDG_STATE_HOME to a folder of your own on the file system of {os.fspath(root)}",
    )
