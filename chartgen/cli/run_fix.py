"""The run behind `chartgen lint --fix`: plan, then print the difference or write, chart by chart."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chartgen.cli import exit_codes
from chartgen.cli.output import note, report_error, write_result
from chartgen.cli.unfinished import refuse_unfinished
from chartgen.edits.diff import unified_diff
from chartgen.edits.transaction import apply, recover
from chartgen.errors import ChartError, ChartgenError, HelmError
from chartgen.lint.fix_plans import FixRequest, fix_plans
from chartgen.rules.fix import Safety

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from chartgen.helm.engine import Engine
    from chartgen.lint.fix_plans import FixPlan
    from chartgen.lint.request import LintRequest


@dataclass(frozen=True, slots=True)
class Fixing:
    """Whether and how to fix; `unsafe` and `diff` mean fixing too."""

    fix: bool = False
    unsafe: bool = False
    diff: bool = False
    exit_non_zero: bool = False

    @property
    def wanted(self) -> bool:
        return self.fix or self.unsafe or self.diff

    @property
    def safeties(self) -> tuple[Safety, ...]:
        return tuple(Safety) if self.unsafe else (Safety.SAFE,)


NO_FIXING = Fixing()


@dataclass(slots=True)
class Done:
    """What came of it: findings and files that changed (or would), charts that could not be written."""

    findings: int = 0
    files: int = 0
    failures: int = 0

    def code(self, *, changes_count: bool) -> int:
        """The exit code as far as fixing decides it."""
        if self.failures:
            return exit_codes.COULD_NOT
        return exit_codes.FOUND if changes_count and self.files else exit_codes.OK


def fix(
    engine: Engine, paths: list[Path], request: LintRequest, fixing: Fixing, known: frozenset[str] = frozenset()
) -> Done:
    """Fix all charts; a chart that cannot be written is told, and the others go on."""
    done = Done()
    for planned in fix_plans(engine, paths, request, FixRequest(fixing.safeties, known, _recovery(fixing))):
        for line in _remarks(planned):
            note(line)
        try:
            # A chart that cannot be read is a finding of the linter, which runs next unless --diff is given.
            if planned.error and (fixing.diff or not isinstance(planned.error, (ChartError, HelmError))):
                raise planned.error
            _carry_out(planned, diff=fixing.diff)
        except ChartgenError as error:
            report_error(error)
            done.failures += 1
            continue
        done.findings += len(planned.made)
        done.files += len(planned.plan.changes)
    would = "would fix" if fixing.diff else "fixed"
    note(f"{would} {_counted(done.findings, 'finding')} in {_counted(done.files, 'file')}")
    return done


def _recovery(fixing: Fixing) -> Callable[[Path], tuple[str, ...]]:
    """What to do first with a chart that a killed run left half written: undo that, or refuse a dry run."""
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
        one = refused.finding
        why = refused.why.partition("\n")[0]
        yield f"{one.path}:{one.line}:{one.column}: {one.rule} not fixed: {why}"


def _carry_out(planned: FixPlan, *, diff: bool) -> None:
    if diff:
        write_result(unified_diff(planned.plan, _below(planned.plan.root)), None)
        return
    apply(planned.plan)
    for rule, count in sorted(Counter(one.rule for one in planned.made).items()):
        note(f"{planned.path.as_posix()}: fixed {rule}{_times(count)}")


def _below(root: Path) -> str:
    """The folder in front of the diff's paths: from here, so that `git apply` and `patch -p1` take it."""
    inside = os.path.relpath(root)
    if inside.startswith(os.pardir):
        inside = root.absolute().as_posix().lstrip("/")
    return "" if inside == os.curdir else f"{inside}/".replace(os.sep, "/")


def _counted(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"


def _times(count: int) -> str:
    return f" {count} times" if count > 1 else ""
