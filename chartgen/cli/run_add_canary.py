"""`chartgen add-canary` without its command line: recovers, loads, plans, then prints or writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.canary.next_steps import closing_lines, warnings
from chartgen.canary.planner import plan_canary
from chartgen.cli import exit_codes
from chartgen.cli.chart_change import chart_to_change, print_changes
from chartgen.cli.output import note, print_prose, write_result
from chartgen.cli.render_errors import render_errors_of
from chartgen.edits.diff import unified_diff
from chartgen.edits.transaction import apply
from chartgen.escaping import json_text
from chartgen.helm.select import select_engine

if TYPE_CHECKING:
    from pathlib import Path

    from chartgen.canary.options import AddCanaryOptions
    from chartgen.canary.planner import PlannedCanary
    from chartgen.helm.select import HelmChoice


def run(
    path: Path,
    options: AddCanaryOptions,
    *,
    helm: HelmChoice,
    diff: bool,
    check: bool,
    form: str,
) -> int:
    """Run one `add-canary` and return its exit code."""
    writes = not (diff or check)
    chart = chart_to_change(path, writes=writes)
    with render_errors_of(chart):
        planned = plan_canary(select_engine(helm.program, helm.limits), chart, options)
    if planned.plan and writes:
        apply(planned.plan)
    if form == "json":
        write_result(json_text(_as_json(planned, written=bool(planned.plan) and writes)), None)
    else:
        _print_text(planned, diff=diff, check=check)
    return exit_codes.FOUND if planned.plan and check else exit_codes.OK


def _print_text(planned: PlannedCanary, *, diff: bool, check: bool) -> None:
    if not planned.plan:
        print_prose("nothing to do: the chart already has this canary")
        return
    if diff:
        write_result(unified_diff(planned.plan), None)
        return
    if not check:
        for line in warnings(planned):
            note(line)
    print_changes(planned.plan, would=check)
    if not check:
        for paragraph in closing_lines(planned):
            note(f"\n{paragraph}")


def _as_json(planned: PlannedCanary, *, written: bool) -> dict[str, object]:
    target = planned.analysis.target
    return {
        "version": 1,
        "chart": str(planned.plan.root),
        "written": written,
        "changes": [{"path": change.path, "action": change.action} for change in planned.plan.changes],
        "target": {"kind": target.kind, "name": target.name},
        "renderings": planned.renderings,
        "diff": unified_diff(planned.plan),
        "notes": [*warnings(planned), *closing_lines(planned)],
    }
