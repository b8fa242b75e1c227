"""The run behind `chartgen recover`: find what is unfinished, list it or undo it, chart by chart."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from chartgen.cli import exit_codes
from chartgen.cli.output import note, print_prose, report_error
from chartgen.cli.unfinished import half_written
from chartgen.edits.transaction import recover
from chartgen.edits.unfinished import unfinished
from chartgen.errors import ChartError, ChartgenError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from chartgen.edits.unfinished import Unfinished


def run(charts: list[Path], *, check: bool) -> int:
    """Carry out one `recover`; returns the exit code. A chart that can't be put back doesn't stop the others."""
    for chart in charts:
        if not chart.is_dir():
            raise UsageError(f"{chart}: there is no such folder", hint="give the folders of charts, or none for all")
    found = [one for chart in charts for one in unfinished(chart)] if charts else list(unfinished())
    if check:
        return _listed(found)
    roots = charts or [one.root for one in found if not one.is_gone]
    failures: list[ChartgenError] = [_gone(one) for one in found if one.is_gone]
    restored = 0
    for root in roots:
        try:
            restored += _recovered(root)
        except ChartgenError as error:
            failures.append(error)
    for failure in failures:
        report_error(failure)
    if not restored and not failures:
        note("nothing to recover")
    return exit_codes.COULD_NOT if failures else exit_codes.OK


def _listed(found: list[Unfinished]) -> int:
    half = [one for one in found if one.files]
    for one in half:
        print_prose(half_written(one))
    return exit_codes.FOUND if half else exit_codes.OK


def _recovered(root: Path) -> int:
    files = recover(root)
    for path in files:
        print_prose(f"restored {(root / path).as_posix()}")
    return len(files)


def _gone(found: Unfinished) -> ChartError:
    hint = f"move the chart back and run again; if you removed it, rm -r {shlex.quote(str(found.journal))}"
    return ChartError(f"{found.root}: is not there any more, and a run was interrupted while writing it", hint=hint)
