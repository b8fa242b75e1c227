"""Every failure chartgen expects.

ChartgenError                 the job could not be done: exit 2
├── UsageError                an invalid option, path or configuration
│   └── ConfigError           an invalid configuration, which may be that of some charts only
├── InputError                a file, an archive or a text that is refused before it is taken in
├── ChartError                the chart on disk cannot be read as one
├── HelmError                 Helm is missing, too old, or failed for reasons of its own
│   ├── RenderError           Helm refused to render this chart with these values
│   └── LimitExceeded         the chart needs more time or memory than Helm may take
├── ConflictError             something in the chart stands where chartgen would write
├── ProofError                the changed chart does not render as promised; nothing was written
├── WriteError                the file system refused; what had been written is restored
└── InternalError             an exception that nobody foresaw, caught where other charts can still be checked
"""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def listed(problems: Sequence[str], heading: str) -> str:
    """One problem as it is; several under their count and `heading` ("3 conflicts:"), one on each line."""
    if len(problems) == 1:
        return problems[0]
    return "\n".join([f"{len(problems)} {heading}:", *(f"  - {problem}" for problem in problems)])


class ChartgenError(Exception):
    """The job could not be done. `hint` is one line on how to go on."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(ChartgenError):
    """An invalid option, path or configuration."""


class ConfigError(UsageError):
    """An invalid configuration."""


class InputError(ChartgenError):
    """A file, an archive or a text is refused before it is taken in: too large, out of bounds, not readable."""


class ChartError(ChartgenError):
    """The chart on disk cannot be read as one."""


class HelmError(ChartgenError):
    """Helm is missing, too old, or failed for reasons of its own."""


class RenderError(HelmError):
    """Helm refused to render the chart; `template`, `line` and `column` say where it says so (1-based or None).

    `column` counts the bytes of the line's UTF-8, as Helm does.
    """

    def __init__(
        self,
        message: str,
        *,
        template: str | None = None,
        line: int | None = None,
        column: int | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.template = template
        self.line = line
        self.column = column


class LimitExceeded(HelmError):  # noqa: N818 - the name of the finding
    """The chart needs more time or memory than Helm may take for it.

    No RenderError, which means that Helm answered: no caller may take it for the answer to what it asked. `limit` is
    the bound (`10 s`); `template` the path as Helm prints it, where one template alone exceeds it. `repeated`: an
    earlier call for the same chart exceeded it.
    """

    def __init__(self, message: str, *, limit: str, template: str | None = None, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.limit = limit
        self.template = template
        self.repeated = False


class ConflictError(ChartgenError):
    """Something in the chart stands where chartgen would write. `conflicts` lists all of them.

    `heading` follows the count where there are several: "3 problems prevent adding the canary".
    """

    def __init__(self, conflicts: list[str], *, hint: str | None = None, heading: str = "conflicts") -> None:
        super().__init__(listed(conflicts, heading), hint=hint)
        self.conflicts = conflicts


class ProofError(ChartgenError):
    """The changed chart does not render as promised; nothing was written."""


class WriteError(ChartgenError):
    """The file system refused; what had been written is restored."""


_MESSAGE_CHARACTERS = 200


class InternalError(ChartgenError):
    """An exception that nobody foresaw. `details` is its traceback."""

    def __init__(self, message: str, details: str) -> None:
        super().__init__(message, hint="run it again as `chartgen -vv …` and report what it prints")
        self.details = details

    @classmethod
    def of(cls, error: Exception) -> InternalError:
        """The type of `error`, its first words and the place in chartgen where it arose."""
        package = Path(__file__).parent
        frames = traceback.extract_tb(error.__traceback__)
        own = [frame for frame in frames if package in Path(frame.filename).parents]
        place = f" at {Path(own[-1].filename).relative_to(package.parent).as_posix()}:{own[-1].lineno}" if own else ""
        first = str(error).partition("\n")[0][:_MESSAGE_CHARACTERS]
        words = f": {first}" if first else ""
        return cls(f"internal error: {type(error).__name__}{place}{words}", "".join(traceback.format_exception(error)))
