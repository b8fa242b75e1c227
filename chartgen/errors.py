"""Every failure chartgen expects.

ChartgenError                 the job could not be done: exit 2
├── UsageError                an option, a path or a configuration that cannot be meant
├── ChartError                the chart on disk cannot be read as one
├── HelmError                 Helm is missing, too old, or failed for reasons of its own
│   └── RenderError           Helm refused to render this chart with these values
├── ConflictError             something in the chart stands where chartgen would write
├── ProofError                the changed chart does not render as promised; nothing was written
└── WriteError                the file system refused; what had been written is restored
"""

from __future__ import annotations


class ChartgenError(Exception):
    """The job could not be done. `hint` is one line on how to go on."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(ChartgenError):
    """An option, a path or a configuration that cannot be meant."""


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


class ConflictError(ChartgenError):
    """Something in the chart stands where chartgen would write. `conflicts` lists all of them."""

    def __init__(self, conflicts: list[str], *, hint: str | None = None) -> None:
        super().__init__("\n".join(conflicts), hint=hint)
        self.conflicts = conflicts


class ProofError(ChartgenError):
    """The changed chart does not render as promised; nothing was written."""


class WriteError(ChartgenError):
    """The file system refused; what had been written is restored."""
