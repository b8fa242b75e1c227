"""Findings for people: location, severity, rule, message, and the line with a caret below it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from chartgen.charts.discover import enclosing_chart
from chartgen.errors import InputError
from chartgen.escaping import shown, shown_line, without_commands, wrapped
from chartgen.inputs.boundary import boundary_around
from chartgen.inputs.files import read_beside
from chartgen.inputs.limits import MANIFESTS_BYTES
from chartgen.reporters.color import PLAIN, Colors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.lint.finding import Finding, LintResult

_WIDEST = 160


def text(result: LintResult, colors: Colors = PLAIN, width: int | None = None) -> str:
    """One block per finding, separated by empty lines; empty without findings. Messages are wrapped at `width`."""
    sources = Sources()
    blocks = ["\n".join(_block(finding, colors, width, result.docs_url, sources)) for finding in result.findings]
    return without_commands("".join(f"{block}\n\n" for block in blocks))


def headline(finding: Finding, colors: Colors = PLAIN, width: int | None = None) -> str:
    """`path:line:column: severity[rule] message`"""
    place = f"{shown_line(finding.path)}:{finding.line}:{finding.column}:"
    severity = f"{finding.severity.value}[{finding.rule}]"
    line = wrapped(f"{place} {severity} {shown(finding.message)}", width)
    return place + line[len(place) :].replace(severity, colors.severity(finding.severity, severity), 1)


def _block(
    finding: Finding, colors: Colors, width: int | None, docs_url: str | None, sources: Sources
) -> Iterator[str]:
    yield headline(finding, colors, width)
    source = sources.line(finding.path, finding.line) if finding.exact else None
    if source is not None:
        number = str(finding.line)
        yield f"  {number} | {shown_line(source[:_WIDEST])}"
        width = max(1, finding.end_column - finding.column) if finding.end_line == finding.line else 1
        indent = "".join("\t" if character == "\t" else " " for character in shown_line(source[: finding.column - 1]))
        yield f"  {' ' * len(number)} | {indent}{colors.severity(finding.severity, '^' * min(width, _WIDEST))}"
    else:
        yield "  (line unknown)"
    if finding.object:
        yield f"  in {shown_line(finding.object.kind)} {shown_line(finding.object.name)}{_releases(finding)}"
    elif finding.releases:
        yield f"  in{_releases(finding).removeprefix(',')}"
    if finding.fix:
        yield f"  fix: {shown_line(finding.fix.title)} (fixable with {finding.fix.safety.option})"
    rule = colors.link(_page(finding.rule, docs_url), finding.rule) if colors.on else finding.rule
    yield f"  help: chartgen explain {rule}"


def _page(rule: str, docs_url: str | None) -> str:
    """The URL of the rule's page: on the documentation's site, or the file that is installed with chartgen."""
    from chartgen.rules.address import address_of

    address = address_of(rule, docs_url)
    if address:
        return address
    from chartgen.rules.page import path_of
    from chartgen.rules.registry import REGISTRY

    return next(path_of(entry.load()).as_uri() for entry in REGISTRY if entry.id == rule)


def _releases(finding: Finding) -> str:
    if not finding.releases:
        return ""
    first, *rest = finding.releases
    return f", {shown_line(first)}" + (f" and {len(rest)} more release{'s' if len(rest) > 1 else ''}" if rest else "")


class Sources:
    """The lines that one report quotes. Each file is read once, and never kept for the next report: it may change."""

    def __init__(self) -> None:
        self._lines: dict[str, list[str]] = {}

    def line(self, path: str, number: int) -> str | None:
        """The line of a file on disk, counted from 1; None if it is in an archive or doesn't exist."""
        if path not in self._lines:
            self._lines[path] = _read_lines(Path(path))
        lines = self._lines[path]
        return lines[number - 1] if 1 <= number <= len(lines) else None


def _read_lines(path: Path) -> list[str]:
    """The lines of a file, none if it can't be read."""
    try:
        path.stat()
        boundary = boundary_around(path.parent, enclosing_chart(path.parent))
        data = read_beside(path.parent, path.name, MANIFESTS_BYTES, boundary)
    except (InputError, OSError, ValueError):
        return []
    return data.decode("utf-8-sig", "replace").splitlines()
