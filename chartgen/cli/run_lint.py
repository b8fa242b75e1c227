"""Run `chartgen lint`: check the options, lint, report, choose the exit code."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from chartgen.api.boundary import located
from chartgen.api.linting import lint_request, lint_requested
from chartgen.cli import exit_codes
from chartgen.cli.choices import ColorChoice, LintFormat
from chartgen.cli.fixing import NO_FIXING, FixCounts, Fixing
from chartgen.cli.output import note, report_details, report_error, terminal_width, write_result
from chartgen.cli.progress import LintWatcher, shows_progress
from chartgen.errors import UsageError
from chartgen.lint.engine import lint_text
from chartgen.reporters.color import colors
from chartgen.reporters.registry import reporter
from chartgen.reporters.streamed import streamed
from chartgen.reporters.summary import first_step, fixable_line, summary_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chartgen.api.session import Session
    from chartgen.api.settings import LintSettings
    from chartgen.cli.remembered import RememberedRun
    from chartgen.helm.engine import Engine
    from chartgen.lint.finding import LintResult
    from chartgen.lint.request import LintRequest
    from chartgen.reporters.streamed import StreamedReport


class Output(NamedTuple):
    """Where the results go: `format` to stdout, each `FORMAT=PATH` of `reports` to a file.

    `show_config`: the settings of each path are the result.
    """

    format: LintFormat
    reports: tuple[str, ...]
    stdin_filename: str = "-"
    baseline: Path | None = None
    write_baseline: Path | None = None
    color: ColorChoice = "auto"
    quiet: bool = False
    show_config: bool = False
    docs_url: str | None = None


def run(
    paths: list[Path],
    settings: LintSettings,
    session: Session,
    output: Output,
    *,
    fixing: Fixing = NO_FIXING,
    remembered: RememberedRun | None = None,
) -> int:
    """Carry out one `lint`; returns the exit code. Invalid options are rejected before anything is read."""
    request = lint_request(settings, session)
    if output.show_config:
        from chartgen.lint.config_shown import shown_config

        write_result("---\n".join(shown_config(request, path) for path in paths), None)
        return exit_codes.OK
    files = list(_reports(output.reports))
    counts = _fix(session.deferred_engine, paths, request, output, fixing) if fixing.wanted else FixCounts()
    if fixing.diff:
        return counts.code(changes_count=True)
    palette = colors(output.color, os.environ, is_terminal=sys.stdout.isatty())
    report = streamed(output.format, palette, terminal_width(sys.stdout), output.docs_url)
    # What is printed early must not change: a baseline is applied at the end, and given values can be in any chart's
    # findings.
    early = report if not (output.baseline or output.write_baseline or request.has_values) else None
    watcher = LintWatcher(early, shows_progress=shows_progress(quiet=output.quiet))
    session.watcher = watcher
    session.snapshot, session.kept = (remembered.snapshot, remembered.kept) if remembered else (None, None)
    try:
        result = replace(_lint(session, paths, request, output.stdin_filename), docs_url=output.docs_url)
    finally:
        watcher.stop()
    if output.write_baseline:
        from chartgen.lint.baseline import baseline_text

        write_result(baseline_text(result), output.write_baseline, "--write-baseline")
        note(f"{output.write_baseline}: {len(result.findings)} findings written to the baseline")
        return exit_codes.OK
    if output.baseline:
        from chartgen.lint.baseline import without_known

        result = without_known(result, output.baseline)
    for write_report, path in files:
        write_result(write_report(result.shown), path, "--report")
    if early:
        watcher.end(result.findings, early.tail(result.shown))
    else:
        write_result(_whole(report, output.format, result.shown), None)
    remarks = () if output.quiet else (*result.notes, summary_line(result), fixable_line(result), first_step(result))
    for line in filter(None, remarks):
        note(line)
    for error in result.errors:
        report_details(error)
        report_error(error)
    if remembered:
        remembered.lasts(result)
    code = exit_codes.COULD_NOT if result.errors else exit_codes.FOUND if result.fails else exit_codes.OK
    return max(code, counts.code(changes_count=fixing.exit_non_zero))


def _whole(report: StreamedReport | None, name: str, result: LintResult) -> str:
    if report is None:
        return reporter(name)(result)
    return report.head + report.part(result.findings) + report.tail(result)


def _fix(engine: Engine, paths: list[Path], request: LintRequest, output: Output, fixing: Fixing) -> FixCounts:
    if Path("-") in paths:
        raise UsageError("standard input can't be fixed", hint="name the chart or the file instead of -")
    if output.write_baseline or (fixing.diff and output.reports):
        other = "--write-baseline" if output.write_baseline else "--report"
        raise UsageError(f"{other} can't be combined with fixing", hint="run chartgen lint twice")
    from chartgen.cli.run_fix import fix
    from chartgen.lint.baseline import fingerprints

    known = fingerprints(output.baseline) if output.baseline else frozenset()
    return fix(engine, paths, request, fixing, known)


def _lint(session: Session, paths: list[Path], request: LintRequest, stdin_name: str) -> LintResult:
    if Path("-") not in paths:
        with located(paths[0] if len(paths) == 1 else ""):
            return lint_requested(paths, request, session)
    if len(paths) > 1:
        raise UsageError("- (standard input) can't be combined with paths", hint="run chartgen lint twice")
    from chartgen.inputs.files import read_stdin

    return lint_text(session.deferred_engine, read_stdin(), stdin_name, request)


def _reports(given: tuple[str, ...]) -> Iterator[tuple[Callable[[LintResult], str], Path]]:
    for report in given:
        name, separator, path = report.partition("=")
        if not separator or not path:
            raise UsageError(f"--report {report!r} doesn't name a file", hint="write --report FORMAT=PATH")
        yield reporter(name), Path(path)
