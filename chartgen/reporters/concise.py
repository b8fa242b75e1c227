"""One line per finding, sorted by path, line, column and rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.escaping import shown_line, without_commands
from chartgen.reporters.text import headline

if TYPE_CHECKING:
    from chartgen.lint.finding import LintResult


def concise(result: LintResult) -> str:
    """`path:line:column: severity[rule] message` for each finding."""
    return without_commands("".join(f"{shown_line(headline(finding))}\n" for finding in result.findings))
