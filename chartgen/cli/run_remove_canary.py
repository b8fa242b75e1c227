"""`chartgen remove-canary` without its command line: recovers, loads, plans, then prints or writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.api.chart_change import chart_to_change
from chartgen.api.render_errors import render_errors_of
from chartgen.canary.removal import plan_removal
from chartgen.canary.removal_steps import after_removal, before_removal
from chartgen.cli import exit_codes
from chartgen.cli.output import note, print_changes, print_prose, write_result
from chartgen.edits.diff import unified_diff
from chartgen.edits.transaction import apply
from chartgen.escaping import json_text
from chartgen.helm.select import select_engine

if TYPE_CHECKING:
    from pathlib import Path

    from chartgen.canary.removal import PlannedRemoval, RemoveOptions
    from chartgen.helm.select import HelmChoice


def run(path: Path, options: RemoveOptions, *, helm: HelmChoice, diff: bool, check: bool, form: str) -> int:
    """Run one `remove-canary` and return its exit code."""
    writes = not (diff or check)
    chart = chart_to_change(path, note, writes=writes)
    with render_errors_of(chart):
        planned = plan_removal(select_engine(helm.program, helm.limits), chart, options)
    warnings = list(before_removal(planned, options))
    if form == "text":
        for line in warnings:
            note(line)
    if planned.plan and writes:
        apply(planned.plan)
    if form == "json":
        write_result(json_text(_as_json(planned, warnings, written=bool(planned.plan) and writes)), None)
    elif not planned.plan:
        print_prose("nothing to do: the chart has no canary that chartgen added")
    elif diff:
        write_result(unified_diff(planned.plan), None)
    else:
        print_changes(planned.plan.changes, would=check)
        if writes:
            note(after_removal(planned))
    return exit_codes.FOUND if planned.plan and check else exit_codes.OK


def _as_json(planned: PlannedRemoval, warnings: list[str], *, written: bool) -> dict[str, object]:
    return {
        "version": 1,
        "chart": str(planned.plan.root),
        "written": written,
        "changes": [{"path": change.path, "action": change.action} for change in planned.plan.changes],
        "canaries": [canary.name for canary in planned.canaries],
        "edited": list(planned.edited),
        "other_values": [{"path": other.path, "keys": list(other.keys)} for other in planned.others],
        "renderings": planned.renderings,
        "diff": unified_diff(planned.plan),
        "notes": warnings,
    }
