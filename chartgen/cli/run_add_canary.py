"""`chartgen add-canary` without its command line: calls the API and prints the result."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen import api
from chartgen.api.lint_plan import finding_lines
from chartgen.cli import exit_codes
from chartgen.cli.output import note, print_changes, print_prose, write_result
from chartgen.escaping import json_text

if TYPE_CHECKING:
    from pathlib import Path

    from chartgen.api.add_canary_result import AddCanaryResult
    from chartgen.api.session import Session
    from chartgen.api.settings import AddCanarySettings


def run(path: Path, settings: AddCanarySettings, session: Session, *, diff: bool, check: bool, form: str) -> int:
    """Run one `add-canary` and return its exit code."""
    result = api.add_canary(path, write=not (diff or check), session=session, **settings)
    if form == "json":
        write_result(json_text({**_as_json(result), "lint": finding_lines(result.findings, path)}), None)
    else:
        _print_text(result, diff=diff, check=check)
        if result.findings and result.written:
            note("\n".join(["\nchartgen lint reports about the result:", *finding_lines(result.findings, path)]))
    return exit_codes.FOUND if result.changes and check else exit_codes.OK


def _print_text(result: AddCanaryResult, *, diff: bool, check: bool) -> None:
    if not result.changes:
        for line in result.not_applied:
            note(f"note: {line}")
        these = "these canaries" if result.targets[1:] else "this canary"
        print_prose(f"nothing to do: the chart already has {these}")
        return
    if diff:
        write_result(result.diff, None)
        return
    if not check:
        for line in result.warnings:
            note(line)
    print_changes(result.changes, would=check)
    if not check:
        for paragraph in result.next_steps:
            note(f"\n{paragraph}")


def _as_json(result: AddCanaryResult) -> dict[str, object]:
    targets = [{"kind": target.kind, "name": target.name} for target in result.targets]
    return {
        "version": 1,
        "chart": str(result.chart),
        "written": result.written,
        "changes": [{"path": change.path, "action": change.action} for change in result.changes],
        "target": targets[0],
        "targets": targets,
        "renderings": result.renderings,
        "diff": result.diff,
        "notes": [*result.warnings, *result.next_steps],
    }
