"""`chartgen migrate` without its command line: recovers, loads, plans, then prints or writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.api.chart_change import chart_to_change
from chartgen.api.render_errors import render_errors_of
from chartgen.cli import exit_codes
from chartgen.cli.output import note, print_changes, print_prose, write_result
from chartgen.edits.diff import unified_diff
from chartgen.edits.transaction import apply
from chartgen.escaping import json_text
from chartgen.helm.select import select_engine
from chartgen.migration import report
from chartgen.migration.planner import plan_migration

if TYPE_CHECKING:
    from pathlib import Path

    from chartgen.helm.select import HelmChoice
    from chartgen.migration.planner import MigrateOptions, PlannedMigration


def run(path: Path, options: MigrateOptions, *, helm: HelmChoice, diff: bool, check: bool, form: str) -> int:
    """Run one `migrate` and return its exit code."""
    writes = not (diff or check)
    chart = chart_to_change(path, note, writes=writes)
    with render_errors_of(chart):
        planned = plan_migration(select_engine(helm.program, helm.limits), chart, options)
    if planned.plan and writes:
        apply(planned.plan)
    if form == "json":
        write_result(json_text(_as_json(planned, written=bool(planned.plan) and writes)), None)
    else:
        _print_text(planned, diff=diff, check=check)
    return exit_codes.FOUND if planned.plan and check else exit_codes.OK


def _print_text(planned: PlannedMigration, *, diff: bool, check: bool) -> None:
    for line in report.edits(planned):
        note(line)
    if not planned.plan:
        print_prose(report.nothing_to_do(planned))
    elif diff:
        write_result(unified_diff(planned.plan), None)
    else:
        print_changes(planned.plan.changes, would=check)
        if not check:
            note(report.result(planned))


def _as_json(planned: PlannedMigration, *, written: bool) -> dict[str, object]:
    return {
        "version": 1,
        "chart": str(planned.plan.root),
        "written": written,
        "changes": [{"path": change.path, "action": change.action} for change in planned.plan.changes],
        "canaries": list(planned.canaries),
        "edits": [{"kind": made.kind, "name": made.name, "edit": made.title} for made in planned.made],
        "left": [left.text for left in planned.left],
        "rejected": list(planned.rejected),
        "unread": list(planned.unread),
        "renderings": planned.renderings,
        "rollouts": planned.rollouts,
        "diff": unified_diff(planned.plan),
    }
