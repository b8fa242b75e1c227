"""The fixes of one chart's findings: offered one by one, or made one after the other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from chartgen.errors import LimitExceeded, ProofError
from chartgen.lint.fixing.prove_fix import JudgedSource, repaired
from chartgen.lint.proven_fix import ProvenFix, edits_between

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from chartgen.lint.finding import Finding
    from chartgen.lint.fixing.editable_source import EditableSource
    from chartgen.rules.fix import Safety
    from chartgen.rules.rule import Rule

# A fix may show a mistake that another one hid (a block that was never read): so often a chart is looked at again.
_MOST_ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Refused:
    """A fix that was not made, and why."""

    finding: Finding
    why: str


@dataclass(frozen=True, slots=True)
class Fixed:
    """A bench with its fixes made in memory: the findings they took away, and those they could not."""

    bench: EditableSource
    made: tuple[Finding, ...]
    refused: tuple[Refused, ...]


def with_proven_fixes(bench: EditableSource, findings: Iterable[Finding], rules: tuple[Rule, ...]) -> Iterator[Finding]:
    """The findings, each with the fix that was proven for it alone, where there is one."""
    judged: JudgedSource | None = None
    for finding in findings:
        if finding.remedy is None:
            yield finding
            continue
        try:
            judged = judged or JudgedSource.of(bench, rules)
            after = repaired(judged, finding.remedy)
        except (ProofError, LimitExceeded):
            yield finding
            continue
        edits = tuple(edits_between(bench.root, bench.files, after.bench.files))
        fix = finding.remedy.fix
        yield replace(finding, fix=ProvenFix(fix.safety, fix.title, edits))


def fixed(
    bench: EditableSource,
    rules: tuple[Rule, ...],
    findings_on: Callable[[EditableSource], Iterable[Finding]],
    safeties: tuple[Safety, ...],
) -> Fixed:
    """All fixes of these safeties made, each proven on what the ones before it left."""
    judged = JudgedSource.of(bench, rules)
    made: list[Finding] = []
    refused: dict[str, Refused] = {}
    for _ in range(_MOST_ROUNDS):
        judged, count = _round(judged, findings_on(judged.bench), safeties, made, refused)
        if not count:
            break
    return Fixed(judged.bench, tuple(made), tuple(refused.values()))


def _round(
    judged: JudgedSource,
    findings: Iterable[Finding],
    safeties: tuple[Safety, ...],
    made: list[Finding],
    refused: dict[str, Refused],
) -> tuple[JudgedSource, int]:
    """One look at all findings; how many fixes it made."""
    before = len(made)
    refused.clear()
    for finding in findings:
        if finding.remedy is None or finding.remedy.fix.safety not in safeties:
            continue
        try:
            judged = repaired(judged, finding.remedy)
            made.append(finding)
        except ProofError as error:
            refused[finding.fingerprint] = Refused(finding, error.message)
    return judged, len(made) - before
