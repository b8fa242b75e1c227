"""The summary lines on stderr: what was checked, and how many findings there are."""

from __future__ import annotations

from collections import Counter
from shlex import quote
from typing import TYPE_CHECKING

from chartgen.rules.fix import Safety
from chartgen.rules.rule import Severity

if TYPE_CHECKING:
    from chartgen.lint.finding import LintResult


def summary_line(result: LintResult) -> str:
    """`checked 3 charts and 1 file, 2 with canaries: 1 error, 0 warnings, 2 infos`"""
    counts = ", ".join(_counted(result.count(severity), severity.value) for severity in Severity)
    ignored = f", {result.suppressed} ignored" if result.suppressed else ""
    files = sum(chart.is_file for chart in result.charts)
    charts = len(result.charts) - files
    checked = [_counted(charts, "chart")] if charts or not files else []
    checked += [_counted(files, "file")] if files else []
    left = f"; {_counted(result.unchecked, 'release')} of charts elsewhere not checked" if result.unchecked else ""
    return f"checked {' and '.join(checked)}, {result.with_canary} with canaries: {counts}{ignored}{left}"


def fixable_line(result: LintResult) -> str | None:
    """`fixable: 2 with --fix, 1 with --unsafe-fixes`; None if nothing is."""
    counts = Counter(finding.fix.safety for finding in result.findings if finding.fix)
    fixable = [f"{counts[safety]} with {safety.option}" for safety in Safety if counts[safety]]
    return f"fixable: {', '.join(fixable)}" if fixable else None


def first_step(result: LintResult) -> str | None:
    """How to continue if there is nothing to lint: no chart has a canary."""
    charts = [chart.path for chart in result.charts if not chart.is_file]
    if not charts or result.with_canary or result.unchecked or any(finding.fails for finding in result.findings):
        return None
    return f"help: to add a canary, run chartgen add-canary {quote(charts[0]) if len(charts) == 1 else 'CHART'}"


def by_rule(result: LintResult) -> dict[str, int]:
    """Rule id → number of findings, sorted by id."""
    return dict(sorted(Counter(finding.rule for finding in result.findings).items()))


def _counted(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"
