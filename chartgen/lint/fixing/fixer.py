"""The fixes for one chart's findings: offered one by one, or applied one after the other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from chartgen.errors import LimitExceeded, ProofError
from chartgen.lint.fixing.prove_fix import CheckedSource, prove_fix
from chartgen.lint.proven_fix import ProvenFix, edits_between

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from chartgen.lint.finding import Finding
    from chartgen.lint.fixing.editable_source import EditableSource
    from chartgen.lint.run_rules import Loadable
    from chartgen.rules.fix import Safety

# A fix can reveal another mistake, in a block that was never read: a chart is checked again this often.
_MOST_ROUNDS = 5


@dataclass(frozen=True, slots=True)
class RefusedFix:
    """A fix that was not applied, and why."""

    finding: Finding
    why: str


@dataclass(frozen=True, slots=True)
class FixedSource:
    """A source with its fixes applied in memory: the findings that are fixed (`made`), and those that aren't."""

    source: EditableSource
    made: tuple[Finding, ...]
    refused: tuple[RefusedFix, ...]


def with_proven_fixes(
    source: EditableSource, findings: Iterable[Finding], rules: tuple[Loadable, ...]
) -> Iterator[Finding]:
    """The findings, each with the fix that was proven for it alone, if there is one."""
    checked: CheckedSource | None = None
    for finding in findings:
        if finding.requested_fix is None:
            yield finding
            continue
        try:
            checked = checked or CheckedSource.of(source, rules)
            after = prove_fix(checked, finding.requested_fix)
        except (ProofError, LimitExceeded):
            yield finding
            continue
        edits = tuple(edits_between(source.root, source.files, after.source.files))
        fix = finding.requested_fix.fix
        yield replace(finding, fix=ProvenFix(fix.safety, fix.title, edits))


def apply_fixes(
    source: EditableSource,
    rules: tuple[Loadable, ...],
    findings_on: Callable[[EditableSource], Iterable[Finding]],
    safeties: tuple[Safety, ...],
) -> FixedSource:
    """Apply all fixes of these safeties, each proven on the result of those before it."""
    checked = CheckedSource.of(source, rules)
    made: list[Finding] = []
    refused: dict[str, RefusedFix] = {}
    for _ in range(_MOST_ROUNDS):
        checked, count = _apply_round(checked, findings_on(checked.source), safeties, made, refused)
        if not count:
            break
    return FixedSource(checked.source, tuple(made), tuple(refused.values()))


def _apply_round(
    checked: CheckedSource,
    findings: Iterable[Finding],
    safeties: tuple[Safety, ...],
    made: list[Finding],
    refused: dict[str, RefusedFix],
) -> tuple[CheckedSource, int]:
    """Apply the fixes of all findings once; returns the source and the number of fixes."""
    before = len(made)
    refused.clear()
    for finding in findings:
        if finding.requested_fix is None or finding.requested_fix.fix.safety not in safeties:
            continue
        try:
            checked = prove_fix(checked, finding.requested_fix)
            made.append(finding)
        except ProofError as error:
            refused[finding.fingerprint] = RefusedFix(finding, error.message)
    return checked, len(made) - before
