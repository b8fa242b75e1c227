"""What the jobs that change one chart read first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.api.schema_notes import note_external_references
from chartgen.api.unfinished import refuse_unfinished
from chartgen.charts.load import load_chart
from chartgen.edits.transaction import recover

if TYPE_CHECKING:
    from pathlib import Path

    from chartgen.api.session import Note
    from chartgen.charts.chart import Chart


def chart_to_change(path: Path, note: Note, *, writes: bool) -> Chart:
    """The chart at `path`, restored first if an interrupted run left it half written; a dry run refuses instead."""
    if not writes:
        refuse_unfinished(path)
    for undone in recover(path) if writes and path.is_dir() else ():
        note(f"restored {undone}, which an interrupted run had changed")
    chart = load_chart(path)
    note_external_references(chart, note)
    return chart
