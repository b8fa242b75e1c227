"""Charts that a killed run left half written. Reading them changes nothing on the disk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chartgen.edits import folder as at
from chartgen.edits import journal_index, state
from chartgen.edits.transaction import real
from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from chartgen.edits.journal import Journal

_KEY = lazy_pattern(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Unfinished:
    """An interrupted write to the chart at `root`; `journal` is the folder with the data to undo it.

    `files` are those already changed, empty if there are none or the chart is missing.
    """

    root: Path
    journal: Path
    files: tuple[str, ...]
    is_gone: bool = False


def unfinished(root: Path | None = None) -> Iterator[Unfinished]:
    """The unfinished writes of this user: to the chart at `root`, or all; including those without a changed file."""
    for folder in state.folders():
        names = [state.key_of(real(root))] if root else sorted(entry.name for entry in folder.iterdir())
        for name in filter(_KEY.fullmatch, names):
            found = _journal(folder / name)
            if found is not None and folder in state.folders(found.root):
                yield _of(found)


def _journal(folder: Path) -> Journal | None:
    try:
        return journal_index.read(folder)
    except journal_index.JournalError:
        return None


def _of(found: Journal) -> Unfinished:
    try:
        with at.opened(found.root) as chart:
            states = found.states(chart) if found.is_replacing else []
    except OSError:
        return Unfinished(found.root, found.folder, (), is_gone=True)
    begun = any(now == entry.after for entry, now in states)
    changed = tuple(entry.path for entry, now in states if now != entry.before)
    return Unfinished(found.root, found.folder, changed if begun else ())
