"""What the commands that only look say about charts a killed run left half written."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from chartgen.cli.output import note
from chartgen.edits.unfinished import unfinished
from chartgen.errors import ConflictError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chartgen.edits.unfinished import Unfinished


def warn_unfinished(paths: Iterable[Path]) -> None:
    """Say on stderr which charts at, below or around the paths are half written, and how to finish."""
    looked_at = [Path(os.path.realpath(path)) for path in paths]
    for found in unfinished():
        if found.files and any(_touches(found.root, path) for path in looked_at):
            note(f"WARNING {half_written(found)}")
            note(f"help: {how_to_finish(found)}")


def refuse_unfinished(chart: Path) -> None:
    """ConflictError where a killed run left the chart half written: a dry run can't say what a real one will do."""
    for found in unfinished(chart):
        if found.files:
            raise ConflictError([half_written(found)], hint=how_to_finish(found))


def half_written(found: Unfinished) -> str:
    """What is wrong, in one sentence."""
    files = ", ".join(found.files)
    return f"{_shown(found.root)}: a run of chartgen was interrupted and left this chart half written: {files}"


def how_to_finish(found: Unfinished) -> str:
    """The command that puts the chart back."""
    return f"to put it back as it was, run chartgen recover {shlex.quote(_shown(found.root))}"


def _touches(root: Path, path: Path) -> bool:
    return root == path or root in path.parents or path in root.parents


def _shown(root: Path) -> str:
    """The path from here where the chart lies below the working directory, else the whole one."""
    relative = os.path.relpath(root)
    return str(root) if relative.startswith(os.pardir) else relative
