"""The result of add_canary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from chartgen.edits.plan import FileChange, Plan
    from chartgen.lint.finding import Finding


@dataclass(frozen=True, slots=True)
class Workload:
    """A Deployment or DaemonSet of the chart; `name` is the one in the default release."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class AddCanaryResult:
    """What add_canary did, or would do.

    `edits` has no changes if the chart already has the canary. `written`: whether the files are changed.
    `renderings` counts the renderings that verified the change. `findings` are those of lint that the change adds.
    `warnings` say what to know before the next release, `next_steps` what to do, `not_applied` which settings an
    existing canary kept out.
    """

    edits: Plan
    written: bool
    targets: tuple[Workload, ...]
    renderings: int
    findings: tuple[Finding, ...]
    warnings: tuple[str, ...]
    next_steps: tuple[str, ...]
    not_applied: tuple[str, ...]

    @property
    def chart(self) -> Path:
        """The folder of the chart."""
        return self.edits.root

    @property
    def changes(self) -> tuple[FileChange, ...]:
        """The changed files, each with its path below the chart, its bytes before and after, and the action."""
        return self.edits.changes

    @property
    def diff(self) -> str:
        """The change as a unified diff."""
        from chartgen.edits.diff import unified_diff

        return unified_diff(self.edits)
