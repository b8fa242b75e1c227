"""Reports that can be printed chart by chart: together, the parts are the report of the whole result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chartgen.lint.finding import LintResult
from chartgen.reporters.concise import concise
from chartgen.reporters.github import GROUP, commands_after_log, log_lines
from chartgen.reporters.text import text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chartgen.lint.finding import Finding
    from chartgen.reporters.color import Colors


@dataclass(frozen=True, slots=True)
class StreamedReport:
    """`head`, a part for each chart with findings, and what follows the last one."""

    part: Callable[[Sequence[Finding]], str]
    head: str = ""
    tail: Callable[[LintResult], str] = lambda _: ""


def streamed(name: str, colors: Colors, width: int | None = None, docs_url: str | None = None) -> StreamedReport | None:
    """The report of this format in parts, None for a format that needs the whole result; text is wrapped at `width`."""
    reports = {
        "text": StreamedReport(
            lambda findings: text(LintResult(tuple(findings), (), docs_url=docs_url), colors, width)
        ),
        "concise": StreamedReport(lambda findings: concise(LintResult(tuple(findings), ()))),
        "github": StreamedReport(log_lines, GROUP, commands_after_log),
    }
    return reports.get(name)
