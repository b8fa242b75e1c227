"""`chartgen recover`: restore charts that a killed run left half written."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def recover(
    charts: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[CHART]...", help="Chart folders [default: every half-written chart]."),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; list half-written charts, and exit 1 if there are any.")
    ] = False,
) -> None:
    """Restore charts that a killed run left half written."""
    from chartgen.cli import run_recover

    raise typer.Exit(run_recover.run(charts or [], check=check))
