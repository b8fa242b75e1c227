"""The formats of `chartgen lint`, by name. Their modules are imported when one is written."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from chartgen.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from chartgen.lint.finding import LintResult

# Name of the format -> its module, whose function has the same name.
FORMATS = {
    "text": "text",
    "concise": "concise",
    "json": "json_report",
    "sarif": "sarif",
    "github": "github",
    "gitlab": "gitlab",
    "junit": "junit",
}


def reporter(name: str) -> Callable[[LintResult], str]:
    """The reporter for a format; UsageError lists the valid formats."""
    if name not in FORMATS:
        raise UsageError(f"{name!r} is not a valid format", hint=f"choose one of {', '.join(FORMATS)}")
    write: Callable[[LintResult], str] = getattr(import_module(f"{__package__}.{FORMATS[name]}"), FORMATS[name])
    return write
