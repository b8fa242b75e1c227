"""`chartgen recover`: puts charts back as they were before a run that was killed while it wrote them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def recover(
    charts: Annotated[
        list[Path] | None, typer.Argument(metavar="[CHART]...", help="Folders of charts [default: all of yours].")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; list half-written charts and exit 1 if there are any.")
    ] = False,
) -> None:
    """Put charts back as they were before a run that was killed while writing them."""
    from chartgen.cli import run_recover

    raise typer.Exit(run_recover.run(charts or [], check=check))
