"""Runs `chartgen plan`: plans the Canaries, prints the report and the exceeded budgets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen import api
from chartgen.cli import exit_codes
from chartgen.cli.output import note, write_result
from chartgen.errors import UsageError
from chartgen.reporters.plan_registry import BUDGET_FORMATS, FORMATS, ONE_PLAN_FORMATS

if TYPE_CHECKING:
    from pathlib import Path

    from chartgen.api.session import Session
    from chartgen.api.settings import PlanSettings

_SEVERAL_HINT = "choose one with --canary NAME, or show all of them with --format html"


def run(chart: str, settings: PlanSettings, session: Session, *, format_name: str, output: Path | None) -> int:
    """Run one `plan`; returns the exit code."""
    report = api.plan(chart, session=session, **settings)
    if format_name in ONE_PLAN_FORMATS and not report.compared and len(report.entries) > 1:
        names = ", ".join(entry.plan.subject.name for entry in report.entries)
        label = "stdin" if chart == "-" else chart
        raise UsageError(f"{label} has {len(report.entries)} Canaries: {names}", hint=_SEVERAL_HINT)
    write_result(FORMATS[format_name](report), output)
    if output or format_name not in BUDGET_FORMATS:
        for excess in report.exceeded:
            note(f"over budget: {excess.message}")
    return exit_codes.FOUND if report.exceeded else exit_codes.OK
