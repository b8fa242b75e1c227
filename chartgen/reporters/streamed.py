"""Reports that can be printed chart by chart: together, the parts are the report of the whole result."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from chartgen.lint.finding import LintResult

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from chartgen.lint.finding import Finding
    from chartgen.reporters.color import Colors


class StreamedReport(NamedTuple):
    """`head`, a part for each chart with findings, and what follows the last one."""

    part: Callable[[Sequence[Finding]], str]
    head: str = ""
    tail: Callable[[LintResult], str] = lambda _: ""


def streamed(name: str, colors: Colors, width: int | None = None, docs_url: str | None = None) -> StreamedReport | None:
    """The report of this format in parts, None for a format that needs the whole result; text is wrapped at `width`."""
    if name == "text":
        from chartgen.reporters.text import text

        return StreamedReport(lambda findings: text(LintResult(tuple(findings), (), docs_url=docs_url), colors, width))
    if name == "concise":
        from chartgen.reporters.concise import concise

        return StreamedReport(lambda findings: concise(LintResult(tuple(findings), ())))
    if name == "github":
        from chartgen.reporters.github import GROUP, commands_after_log, log_lines

        return StreamedReport(log_lines, GROUP, commands_after_log)
    return None
