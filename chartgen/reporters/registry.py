"""The formats of `chartgen lint`, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.errors import UsageError
from chartgen.reporters.concise import concise
from chartgen.reporters.github import github
from chartgen.reporters.gitlab import gitlab
from chartgen.reporters.json_report import json_report
from chartgen.reporters.junit import junit
from chartgen.reporters.sarif import sarif
from chartgen.reporters.text import text

if TYPE_CHECKING:
    from collections.abc import Callable

    from chartgen.lint.finding import LintResult

FORMATS: dict[str, Callable[[LintResult], str]] = {
    "text": text,
    "concise": concise,
    "json": json_report,
    "sarif": sarif,
    "github": github,
    "gitlab": gitlab,
    "junit": junit,
}


def reporter(name: str) -> Callable[[LintResult], str]:
    """The reporter for a format; UsageError lists the valid formats."""
    if name not in FORMATS:
        raise UsageError(f"{name!r} is not a valid format", hint=f"choose one of {', '.join(FORMATS)}")
    return FORMATS[name]
