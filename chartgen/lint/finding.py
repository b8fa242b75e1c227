"""The findings of the linter: one mistake at one location, with all that a report needs."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from chartgen.rules.rule import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chartgen.errors import ChartgenError
    from chartgen.lint.proven_fix import ProvenFix, RequestedFix


class Limits(NamedTuple):
    """The lowest severities, per chart, at which findings fail the run (None: never) and are shown."""

    fail_on: Severity | None = Severity.WARNING
    min_severity: Severity = Severity.INFO


class FoundObject(NamedTuple):
    """The rendered object a finding is about."""

    kind: str
    name: str
    namespace: str | None


@dataclass(frozen=True, slots=True)
class Finding:
    """One mistake. `path` is as a person would type it (`archive.tgz!templates/x.yaml` in an archive).

    Lines and columns are 1-based, `end_column` exclusive. `releases` are the labels of the releases that show it.
    `manifest_path` is the route in the rendered object, written as a JSON Pointer. `fingerprint` stays the same when
    lines move. `requested_fix` is the rule's fix, `fix` the same one after it was proven. `limits` are its chart's.
    """

    rule: str
    severity: Severity
    message: str
    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    chart: str
    object: FoundObject | None = None
    manifest_path: str = ""
    releases: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    fingerprint: str = ""
    yields_to: tuple[str, ...] = ()
    once: bool = field(default=False, compare=False, repr=False)
    exact: bool = True
    fix: ProvenFix | None = None
    requested_fix: RequestedFix | None = field(default=None, compare=False, repr=False)
    limits: Limits = field(default=Limits(), compare=False, repr=False)

    @property
    def fails(self) -> bool:
        """Whether it makes the run fail."""
        return self.limits.fail_on is not None and self.severity.rank <= self.limits.fail_on.rank

    @property
    def shown(self) -> bool:
        """Whether reports include it."""
        return self.severity.rank <= self.limits.min_severity.rank

    @property
    def fixable(self) -> bool:
        """Whether an option of `chartgen lint` fixes it."""
        return self.fix is not None

    @property
    def order(self) -> tuple[str, int, int, str, str]:
        """Sort key: path, line, column, rule, message."""
        return (self.path, self.line, self.column, self.rule, self.message)


class CheckedChart(NamedTuple):
    """One chart that was checked, or one file of manifests. `renderings` counts its releases."""

    path: str
    name: str
    has_canary: bool
    renderings: int
    is_file: bool = False


@dataclass(frozen=True, slots=True)
class LintResult:
    """All findings, sorted, and what was checked. `notes` are remarks for stderr.

    `errors` kept charts from being checked: an invalid configuration, or an internal error, which is a finding too.
    `unchecked` counts the HelmReleases and Applications of charts that aren't here. `is_complete`: no file was
    read that the arguments don't lead to. `docs_url` is the site of the rules' pages, if an option names it.
    """

    findings: tuple[Finding, ...]
    charts: tuple[CheckedChart, ...]
    notes: tuple[str, ...] = ()
    suppressed: int = 0
    errors: tuple[ChartgenError, ...] = ()
    unchecked: int = 0
    is_complete: bool = True
    docs_url: str | None = None

    @property
    def with_canary(self) -> int:
        return sum(chart.has_canary for chart in self.charts)

    def count(self, severity: Severity) -> int:
        """How many findings have this severity."""
        return sum(finding.severity is severity for finding in self.findings)

    @property
    def lasts(self) -> bool:
        """Whether another run on the same charts gives the same result: nothing failed, or took too long this time."""
        return (
            self.is_complete
            and not self.errors
            and all(finding.rule != "chart-exceeds-limits" for finding in self.findings)
        )

    @property
    def fails(self) -> bool:
        """Whether a finding has the severity that an option or its chart's configuration sets as the limit."""
        return any(finding.fails for finding in self.findings)

    @property
    def shown(self) -> LintResult:
        """The same result without the findings below `min_severity`."""
        return replace(self, findings=tuple(finding for finding in self.findings if finding.shown))


@dataclass(slots=True)
class Collected:
    """Collects findings: the same one from several releases is one finding with all their labels."""

    _found: dict[tuple[str, str, int, int, str], Finding] = field(default_factory=dict)

    def add(self, finding: Finding) -> None:
        """Add `finding`, or add its releases to an equal one."""
        key = (finding.rule, finding.path, finding.line, finding.column, finding.message)
        known = self._found.get(key)
        if known is None:
            self._found[key] = finding
            return
        worse = min(known.severity, finding.severity, key=lambda severity: severity.rank)
        labels = tuple(dict.fromkeys((*known.releases, *finding.releases)))
        self._found[key] = replace(known, releases=labels, severity=worse)

    def sorted(self) -> tuple[Finding, ...]:
        """All of them in the order of reports."""
        reported = {(finding.path, finding.line, finding.rule) for finding in self._found.values()}
        kept = sorted_findings(
            finding
            for finding in self._found.values()
            if not any((finding.path, finding.line, other) in reported for other in finding.yields_to)
        )
        first: dict[tuple[str, str], Finding] = {}
        for finding in kept:
            if finding.once:
                first.setdefault((finding.rule, finding.message), finding)
        return tuple(each for each in kept if not each.once or first[each.rule, each.message] is each)


def sorted_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """By path, line, column, rule."""
    return tuple(sorted(findings, key=lambda finding: finding.order))
