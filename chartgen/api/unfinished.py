"""Report charts that a killed run left half written, in commands that don't write."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from chartgen.edits import state
from chartgen.errors import ConflictError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chartgen.api.session import Note
    from chartgen.edits.unfinished import Unfinished


def warn_unfinished(paths: Iterable[Path], note: Note) -> None:
    """Note which charts at, below or around the paths are half written, and how to restore them."""
    if not any(any(folder.iterdir()) for folder in state.folders()):
        return  # nothing is unfinished, and the journals need not be imported
    from chartgen.edits.unfinished import unfinished

    resolved = [Path(os.path.realpath(path)) for path in paths]
    for run in unfinished():
        if run.files and any(_touches(run.root, path) for path in resolved):
            note(f"WARNING {half_written(run)}")
            note(f"help: {how_to_finish(run)}")


def refuse_unfinished(chart: Path) -> None:
    """ConflictError if a killed run left the chart half written: a dry run can't predict what a real one will do."""
    from chartgen.edits.unfinished import unfinished

    for run in unfinished(chart):
        if run.files:
            raise ConflictError([half_written(run)], hint=how_to_finish(run))


def half_written(run: Unfinished) -> str:
    """The problem in one sentence."""
    files = ", ".join(run.files)
    return f"{_shown(run.root)}: a run of chartgen was interrupted and left this chart half written: {files}"


def how_to_finish(run: Unfinished) -> str:
    """The command that restores the chart."""
    import shlex

    return f"to restore it, run chartgen recover {shlex.quote(_shown(run.root))}"


def _touches(root: Path, path: Path) -> bool:
    return root == path or root in path.parents or path in root.parents


def _shown(root: Path) -> str:
    """The relative path if the chart is below the working directory, else the absolute one."""
    relative = os.path.relpath(root)
    return str(root) if relative.startswith(os.pardir) else relative
