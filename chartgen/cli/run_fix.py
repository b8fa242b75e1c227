"""Run `chartgen lint --fix`: plan the fixes, then print a diff or write them, chart by chart."""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING

from chartgen.api.unfinished import refuse_unfinished
from chartgen.cli.fixing import FixCounts
from chartgen.cli.output import note, report_error, write_result
from chartgen.edits.diff import unified_diff
from chartgen.edits.transaction import apply, recover
from chartgen.errors import ChartError, ChartgenError, HelmError
from chartgen.lint.fix_plans import FixRequest, fix_plans

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from chartgen.cli.fixing import Fixing
    from chartgen.helm.engine import Engine
    from chartgen.lint.fix_plans import FixPlan
    from chartgen.lint.request import LintRequest


def fix(
    engine: Engine, paths: list[Path], request: LintRequest, fixing: Fixing, known: frozenset[str] = frozenset()
) -> FixCounts:
    """Fix all charts; one that can't be written is reported, and the others continue."""
    counts = FixCounts()
    for planned in fix_plans(engine, paths, request, FixRequest(fixing.safeties, known, _recovery(fixing))):
        for line in _remarks(planned):
            note(line)
        try:
            # The linter, which runs next unless --diff is given, reports a chart that can't be read as a finding.
            if planned.error and (fixing.diff or not isinstance(planned.error, (ChartError, HelmError))):
                raise planned.error
            _carry_out(planned, diff=fixing.diff)
        except ChartgenError as error:
            report_error(error)
            counts.failures += 1
            continue
        counts.findings += len(planned.made)
        counts.files += len(planned.plan.changes)
    verb = "would fix" if fixing.diff else "fixed"
    note(f"{verb} {_counted(counts.findings, 'finding')} in {_counted(counts.files, 'file')}")
    return counts


def _recovery(fixing: Fixing) -> Callable[[Path], tuple[str, ...]]:
    """The first step for a chart that a killed run left half written: restore it, or refuse a dry run."""
    if not fixing.diff:
        return recover

    def refuse(chart: Path) -> tuple[str, ...]:
        refuse_unfinished(chart)
        return ()

    return refuse


def _remarks(planned: FixPlan) -> Iterator[str]:
    yield from (f"restored {undone}, which an interrupted run had changed" for undone in planned.undone)
    if planned.note:
        yield planned.note
    for refused in planned.refused:
        finding, reason = refused.finding, refused.why.partition("\n")[0]
        yield f"{finding.path}:{finding.line}:{finding.column}: {finding.rule} not fixed: {reason}"


def _carry_out(planned: FixPlan, *, diff: bool) -> None:
    if diff:
        write_result(unified_diff(planned.plan, diff_prefix(planned.plan.root)), None)
        return
    apply(planned.plan)
    for rule, count in sorted(Counter(finding.rule for finding in planned.made).items()):
        note(f"{planned.path.as_posix()}: fixed {rule}{_times(count)}")


def diff_prefix(root: Path) -> str:
    """The folder for the diff's paths, relative to the working directory as `git apply` and `patch -p1` need it."""
    folder = os.path.relpath(root)
    if folder.startswith(os.pardir):
        folder = root.absolute().as_posix().lstrip("/")
    return "" if folder == os.curdir else f"{folder}/".replace(os.sep, "/")


def _counted(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"


def _times(count: int) -> str:
    return f" {count} times" if count > 1 else ""
