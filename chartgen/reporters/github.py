"""GitHub workflow commands: one annotation per finding, and the findings as lines in a group of the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.escaping import shown, shown_line, without_commands
from chartgen.reporters.text import headline
from chartgen.rules.rule import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chartgen.lint.finding import Finding, LintResult

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
# GitHub shows this many annotations of a level per step, and silently drops the rest.
_SHOWN = 10


GROUP = "::group::chartgen lint\n"


def github(result: LintResult) -> str:
    """The group of the log, then the annotations."""
    return GROUP + log_lines(result.findings) + commands_after_log(result)


def log_lines(findings: Iterable[Finding]) -> str:
    """The findings as lines in the group of the log."""
    return "".join(f"{without_commands(shown_line(headline(finding)))}\n" for finding in findings)


def commands_after_log(result: LintResult) -> str:
    """The end of the group, and the most severe findings first; a last notice counts those that GitHub would drop."""
    lines = ["::endgroup::"]
    dropped = 0
    for severity in Severity:
        found = [finding for finding in result.findings if finding.severity is severity]
        lines += [_annotation(finding) for finding in found[:_SHOWN]]
        dropped += len(found[_SHOWN:])
    if dropped:
        lines.append(f"::notice::{dropped} more, see the log or the SARIF report")
    return "\n".join(lines) + "\n"


def _annotation(finding: Finding) -> str:
    properties = ",".join(f"{key}={_property(str(value))}" for key, value in _properties(finding))
    message = f"{headline(finding)}\n{finding.message}" if "\n" in finding.message else headline(finding)
    return f"::{_COMMANDS[finding.severity]} {properties}::{_escaped(message)}"


def _properties(finding: Finding) -> Iterator[tuple[str, str | int]]:
    yield "file", finding.path
    yield "line", finding.line
    yield "endLine", finding.end_line
    # GitHub drops an annotation with columns that spans several lines (ruff #22074).
    if finding.line == finding.end_line:
        yield "col", finding.column
        yield "endColumn", finding.end_column
    yield "title", finding.rule


def _escaped(text: str) -> str:
    """As GitHub's toolkit does (actions/core: command.ts); `shown` leaves no other control character."""
    return shown(text).replace("%", "%25").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")
