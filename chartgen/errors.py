"""Every failure chartgen expects.

ChartgenError                 the job could not be done: exit 2
├── UsageError                an invalid option, path or configuration
│   └── ConfigError           an invalid configuration, possibly that of some charts only
├── InputError                a file, an archive or a text that is rejected before it is used
├── ChartError                the files on disk can't be read as a chart
├── HelmError                 Helm is missing, too old, or failed for a reason of its own
│   ├── RenderError           Helm can't render this chart with these values
│   └── LimitExceeded         the chart needs more time or memory than Helm is allowed
├── ConflictError             something in the chart is where chartgen would write
├── ProofError                the changed chart doesn't render as intended; nothing was written
├── WriteError                a file can't be written; the changes so far are undone
├── ClusterError              the cluster can't be asked: no client, no kubeconfig, no right, or it is away
└── InternalError             an unexpected exception, caught so that other charts can still be checked
"""

from __future__ import annotations

import errno

# Importing typing takes longer than all that a remembered answer needs.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def listed(problems: Sequence[str], heading: str) -> str:
    """One problem unchanged; several as a list under their count and `heading` ("3 conflicts:")."""
    if len(problems) == 1:
        return problems[0]
    return "\n".join([f"{len(problems)} {heading}:", *(f"  - {problem}" for problem in problems)])


class ChartgenError(Exception):
    """The job could not be done. `hint` is one line on how to continue.

    Through the API, `where` is what the failure is about: a path, with line and column as far as they are known, or an
    option.
    """

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.where = ""

    @property
    def what(self) -> str:
        """What is wrong, in one sentence or a list of problems."""
        return self.message

    @property
    def help(self) -> str:
        """How to continue; empty if nothing is known."""
        return self.hint or ""


class UsageError(ChartgenError):
    """An invalid option, path or configuration."""


class ConfigError(UsageError):
    """An invalid configuration."""


class InputError(ChartgenError):
    """A file, an archive or a text is rejected before it is used: too large, out of bounds, not readable.

    `line` and `column` (1-based) are where in the text, None if the whole is meant.
    """

    def __init__(
        self, message: str, *, hint: str | None = None, line: int | None = None, column: int | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.line = line
        self.column = column

    def at(self, path: Path | str) -> str:
        """`path:line:column: message`, as far as the location is known."""
        location = "".join(f":{number}" for number in (self.line, self.column) if number is not None)
        return f"{path}{location}: {self.message}"


class ChartError(ChartgenError):
    """The files on disk can't be read as a chart. `line` and `column` (1-based) are where in the file, or None."""

    def __init__(
        self, message: str, *, hint: str | None = None, line: int | None = None, column: int | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.line = line
        self.column = column


class HelmError(ChartgenError):
    """Helm is missing, too old, or failed for a reason of its own."""


class RenderError(HelmError):
    """Helm can't render the chart; `template`, `line` and `column` are where (1-based or None).

    `column` counts bytes of UTF-8, as Helm does.
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
    """The chart needs more time or memory than Helm is allowed.

    Not a RenderError: that is Helm's answer, which callers interpret. `limit` is the limit (`10 s`), `template` the
    path as Helm prints it if a single template exceeds the limit. `repeated`: an earlier call exceeded it too.
    """

    def __init__(self, message: str, *, limit: str, template: str | None = None, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.limit = limit
        self.template = template
        self.repeated = False


class ConflictError(ChartgenError):
    """Something in the chart is where chartgen would write. `conflicts` lists all of them.

    `heading` follows the count if there are several: "3 problems prevent adding the canary".
    """

    def __init__(self, conflicts: list[str], *, hint: str | None = None, heading: str = "conflicts") -> None:
        super().__init__(listed(conflicts, heading), hint=hint)
        self.conflicts = conflicts


class ProofError(ChartgenError):
    """The changed chart doesn't render as intended; nothing was written."""


class WriteError(ChartgenError):
    """A file can't be written; the changes so far are undone."""


class ClusterError(ChartgenError):
    """The cluster can't be asked, or an object in it is gone."""


_MESSAGE_CHARACTERS = 200


class InternalError(ChartgenError):
    """An unexpected exception. `details` is its traceback."""

    def __init__(self, message: str, details: str) -> None:
        super().__init__(
            message, hint="run it again as `chartgen -vv …` and report the output in the project's issue tracker"
        )
        self.details = details

    @classmethod
    def of(cls, error: Exception) -> InternalError:
        """Describe `error` by its type, the start of its message and the line of chartgen that raised it."""
        import traceback
        from pathlib import Path

        package = Path(__file__).parent
        frames = traceback.extract_tb(error.__traceback__)
        own = [frame for frame in frames if package in Path(frame.filename).parents]
        location = (
            f" at {Path(own[-1].filename).relative_to(package.parent).as_posix()}:{own[-1].lineno}" if own else ""
        )
        first_line = str(error).partition("\n")[0][:_MESSAGE_CHARACTERS]
        message = f": {first_line}" if first_line else ""
        return cls(
            f"internal error: {type(error).__name__}{location}{message}", "".join(traceback.format_exception(error))
        )


# Errors of the machine, not of chartgen: a full disk, missing permissions, too many open files.
_MACHINE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EPERM, errno.EROFS, errno.EIO, errno.EMFILE})


def unexpected(error: Exception) -> ChartgenError:
    """The error for an exception that no code expects."""
    if isinstance(error, OSError) and error.errno in _MACHINE:
        path = error.filename or "output"
        return ChartgenError(f"{path}: {error.strerror}", hint="fix that on the machine, then run again")
    return InternalError.of(error)
