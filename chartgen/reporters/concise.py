"""One line per finding, sorted by path, line, column and rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.reporters.text import headline

if TYPE_CHECKING:
    from chartgen.lint.finding import LintResult


def concise(result: LintResult) -> str:
    """`path:line:column: severity[rule] message` for each finding."""
    return "".join(f"{headline(finding)}\n" for finding in result.findings)
