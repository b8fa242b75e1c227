"""What the commands that change one chart have in common: what they read first, and how they list changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.charts.load import load_chart
from chartgen.cli.output import note, print_prose
from chartgen.cli.schema_notes import note_external_references
from chartgen.cli.unfinished import refuse_unfinished
from chartgen.edits.transaction import recover

if TYPE_CHECKING:
    from pathlib import Path

    from chartgen.charts.chart import Chart
    from chartgen.edits.plan import Plan


def chart_to_change(path: Path, *, writes: bool) -> Chart:
    """The chart at `path`, restored first if an interrupted run left it half written; a dry run refuses instead."""
    if not writes:
        refuse_unfinished(path)
    for undone in recover(path) if writes and path.is_dir() else ():
        note(f"restored {undone}, which an interrupted run had changed")
    chart = load_chart(path)
    note_external_references(chart)
    return chart


def print_changes(plan: Plan, *, would: bool) -> None:
    """One line for each changed file: `change values.yaml`, or `would change …` in a dry run."""
    for change in plan.changes:
        print_prose(f"{'would ' if would else ''}{change.action} {change.path}")
