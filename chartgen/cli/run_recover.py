"""Run `chartgen recover`: find half-written charts, then list or restore them."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from chartgen.api.unfinished import half_written
from chartgen.cli import exit_codes
from chartgen.cli.output import note, print_prose, report_error
from chartgen.edits.transaction import recover
from chartgen.edits.unfinished import unfinished
from chartgen.errors import ChartError, ChartgenError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from chartgen.edits.unfinished import Unfinished


def run(charts: list[Path], *, check: bool) -> int:
    """Carry out one `recover`; returns the exit code. A chart that can't be restored doesn't stop the others."""
    for chart in charts:
        if not chart.is_dir():
            raise UsageError(
                f"{chart}: no such folder", hint="give chart folders, or none to recover every half-written chart"
            )
    runs = [each for chart in charts for each in unfinished(chart)] if charts else list(unfinished())
    if check:
        return _list_half_written(runs)
    roots = charts or [run.root for run in runs if not run.is_gone]
    failures: list[ChartgenError] = [_missing_chart(run) for run in runs if run.is_gone]
    restored = 0
    for root in roots:
        try:
            restored += _restore(root)
        except ChartgenError as error:
            failures.append(error)
    for failure in failures:
        report_error(failure)
    if not restored and not failures:
        note("nothing to recover")
    return exit_codes.COULD_NOT if failures else exit_codes.OK


def _list_half_written(runs: list[Unfinished]) -> int:
    incomplete = [run for run in runs if run.files]
    for run in incomplete:
        print_prose(half_written(run))
    return exit_codes.FOUND if incomplete else exit_codes.OK


def _restore(root: Path) -> int:
    files = recover(root)
    for path in files:
        print_prose(f"restored {(root / path).as_posix()}")
    return len(files)


def _missing_chart(run: Unfinished) -> ChartError:
    hint = f"move the chart back and run again; if you removed it, rm -r {shlex.quote(str(run.journal))}"
    return ChartError(
        f"{run.root}: the folder no longer exists, and a run was interrupted while writing to it", hint=hint
    )
