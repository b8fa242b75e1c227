"""What single charts and files contribute to a result, and the result of all of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from chartgen.lint.finding import CheckedChart, Collected, LintResult

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from chartgen.errors import ChartgenError
    from chartgen.lint.finding import Finding, Limits


class Outcome(NamedTuple):
    """What one chart or file contributes to the result.

    `error` kept it from being checked; of several with one `key`, the first is reported. `unchecked` counts releases
    that weren't checked. `lasts`: another run on the same files gives the same; `read` are these files, by their real
    paths.
    """

    findings: tuple[Finding, ...] = ()
    checked: CheckedChart | None = None
    notes: tuple[str, ...] = ()
    suppressed: int = 0
    key: str = ""
    error: ChartgenError | None = None
    unchecked: int = 0
    lasts: bool = True
    read: frozenset[str] = frozenset()


def failure(path: Path, findings: Iterable[Finding], limits: Limits, *, suppressed: int = 0) -> Outcome:
    """The outcome for a chart that couldn't be checked."""
    checked = CheckedChart(path.as_posix(), path.name, has_canary=False, renderings=0)
    return Outcome(limited(findings, limits), checked, suppressed=suppressed)


def limited(findings: Iterable[Finding], limits: Limits) -> tuple[Finding, ...]:
    return tuple(replace(finding, limits=limits, requested_fix=None) for finding in findings)


class Collection:
    """The outcomes as one result."""

    def __init__(self) -> None:
        self._collected = Collected()
        self._checked: list[CheckedChart] = []
        self._notes: list[str] = []
        self._errors: dict[str, ChartgenError] = {}
        self._suppressed = self._unchecked = 0
        self._lasts = True

    def add(self, outcome: Outcome) -> None:
        """Add one outcome."""
        self._unchecked += outcome.unchecked
        self._lasts &= outcome.lasts
        self._suppressed += outcome.suppressed
        self._notes += outcome.notes
        self._checked += [outcome.checked] if outcome.checked else []
        if outcome.error:
            self._errors.setdefault(outcome.key, outcome.error)
        for finding in outcome.findings:
            self._collected.add(finding)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings until now, in the order of reports."""
        return self._collected.sorted()

    def result(self) -> LintResult:
        """The result of the run. Raises the first error if no chart could be checked."""
        if self._errors and not self._checked:
            raise next(iter(self._errors.values()))
        return LintResult(
            self.findings,
            tuple(self._checked),
            tuple(dict.fromkeys(self._notes)),
            self._suppressed,
            tuple(self._errors.values()),
            self._unchecked,
            self._lasts,
        )
