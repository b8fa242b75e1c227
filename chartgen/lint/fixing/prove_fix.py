"""Prove a fix in memory: its finding is gone, no new one appears, and nothing else renders differently."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chartgen.errors import ProofError
from chartgen.lint.fixing.write_change import write_change
from chartgen.lint.fixing.writing import candidate_edits
from chartgen.lint.proven_fix import RequestedFix
from chartgen.lint.run_rules import run_rules
from chartgen.proof.single_change import key_of, prove_only

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.lint.fixing.editable_source import EditableSource
    from chartgen.lint.run_rules import Loadable
    from chartgen.manifests.manifest import Route
    from chartgen.proof.single_change import ApplyChange
    from chartgen.rules.fix import Fix
    from chartgen.rules.releases import Releases
    from chartgen.rules.rule import Severity

_DEEPEST = 6


@dataclass(frozen=True, slots=True)
class ReportedProblem:
    """One problem and the document it is reported for; a problem of the whole chart has no document."""

    rule: str
    label: str
    key: tuple[str, int]
    at: Route
    severity: Severity
    fix: Fix | None = field(default=None, compare=False)

    @property
    def where(self) -> tuple[str, str, tuple[str, int]]:
        """The part that stays the same when a fix renames a key around the field."""
        return self.rule, self.label, self.key


def report_problems(releases: Releases, rules: tuple[Loadable, ...]) -> tuple[ReportedProblem, ...]:
    """The problems of all releases, without the locations in files that a report needs."""
    return tuple(_report(releases, rules))


def _report(releases: Releases, rules: tuple[Loadable, ...]) -> Iterator[ReportedProblem]:
    for rule, problem, rendering, manifest in run_rules(releases, rules):
        holder = problem.manifest or manifest
        key = key_of(holder) if holder else ("", 0)
        label = rendering.label if rendering else ",".join(problem.releases)
        # A problem of the whole chart has no fix.
        fix = problem.fix if rendering else None
        yield ReportedProblem(rule.id, label, key, problem.at, problem.severity or rule.severity, fix)


@dataclass(frozen=True, slots=True)
class CheckedSource:
    """A source and the problems that the rules report for it."""

    source: EditableSource
    rules: tuple[Loadable, ...]
    problems: tuple[ReportedProblem, ...]

    @classmethod
    def of(cls, source: EditableSource, rules: tuple[Loadable, ...]) -> CheckedSource:
        return cls(source, rules, report_problems(source.releases, rules))


def prove_fix(checked: CheckedSource, requested_fix: RequestedFix, *, depth: int = _DEEPEST) -> CheckedSource:
    """The source with the fix applied; ProofError says why that is impossible.

    A fix can reveal another problem, in a block that was never read before. That is fixed too if its fix is as safe;
    otherwise neither fix is applied.
    """
    after = _apply(checked, requested_fix)
    introduced = _introduced(checked.problems, after.problems, requested_fix)
    while introduced and depth:
        depth -= 1
        covers = requested_fix.fix.safety.covers
        problem = next((problem for problem in introduced if problem.fix and covers(problem.fix.safety)), None)
        if problem is None or problem.fix is None:
            break
        following = RequestedFix(problem.rule, problem.fix, problem.label, problem.key, problem.at)
        after = prove_fix(after, following, depth=depth)
        introduced = _introduced(checked.problems, after.problems, requested_fix)
    if introduced:
        rules = ", ".join(sorted({problem.rule for problem in introduced}))
        raise ProofError(f"the fix would introduce {rules}", hint="edit it by hand and fix both")
    return after


def _introduced(
    before: tuple[ReportedProblem, ...], after: tuple[ReportedProblem, ...], requested_fix: RequestedFix
) -> list[ReportedProblem]:
    """The problems that occur more often than before and are at least as severe as the fixed one.

    Milder ones don't prevent the fix: the fixed problem hid them, as a target that isn't found does.
    """
    more = Counter(problem.where for problem in after) - Counter(problem.where for problem in before)
    fixed_ranks = (problem.severity.rank for problem in before if _is_fixed_problem(problem, requested_fix))
    limit = min(fixed_ranks, default=0)
    return [problem for problem in after if problem.where in more and problem.severity.rank <= limit]


def _apply(checked: CheckedSource, requested_fix: RequestedFix) -> CheckedSource:
    source = checked.source
    for change in requested_fix.fix.changes:
        source = write_change(source, requested_fix.label, requested_fix.key, change, candidate_edits)
    _prove_renderings(checked, source, requested_fix)
    after = CheckedSource.of(source, checked.rules)
    if _count_at_field(after, requested_fix) >= _count_at_field(checked, requested_fix):
        raise ProofError("the finding would remain", hint="edit it by hand")
    return after


def _count_at_field(checked: CheckedSource, requested_fix: RequestedFix) -> int:
    return sum(
        _is_fixed_problem(problem, requested_fix) and problem.at == requested_fix.at for problem in checked.problems
    )


def _is_fixed_problem(problem: ReportedProblem, requested_fix: RequestedFix) -> bool:
    return problem.where == (requested_fix.rule, requested_fix.label, requested_fix.key)


def _prove_renderings(checked: CheckedSource, source: EditableSource, requested_fix: RequestedFix) -> None:
    """Only the fixed field changes, and only in documents that have the same problem in some release.

    In another release, the same line can render another item of a list: there, the document's own fix is expected, or,
    if the rules don't check that release, the one of any other.
    """
    same_rule = [problem for problem in checked.problems if problem.rule == requested_fix.rule and problem.fix]
    pairs = zip(checked.source.releases.renderings, source.releases.renderings, strict=True)
    for before, after in pairs:
        own = [problem for problem in same_rule if problem.label == before.label]
        checked_here = {problem.key for problem in own}
        allowed: dict[tuple[str, int], list[ApplyChange]] = {}
        for problem in (*own, *(each for each in same_rule if each.key not in checked_here)):
            assert problem.fix is not None
            allowed.setdefault(problem.key, []).append(problem.fix.applied)
        prove_only(checked.source.releases.engine, before, after, allowed)
