"""The options of `chartgen lint --fix`, and what it counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from chartgen.cli import exit_codes

if TYPE_CHECKING:
    from chartgen.rules.fix import Safety


class Fixing(NamedTuple):
    """Whether and how to fix; `unsafe` and `diff` imply fixing."""

    fix: bool = False
    unsafe: bool = False
    diff: bool = False
    exit_non_zero: bool = False

    @property
    def wanted(self) -> bool:
        return self.fix or self.unsafe or self.diff

    @property
    def safeties(self) -> tuple[Safety, ...]:
        from chartgen.rules.fix import Safety

        return tuple(Safety) if self.unsafe else (Safety.SAFE,)


NO_FIXING = Fixing()


@dataclass(slots=True)
class FixCounts:
    """The number of fixed findings, changed files (with --diff: to change), and charts with an error."""

    findings: int = 0
    files: int = 0
    failures: int = 0

    def code(self, *, changes_count: bool) -> int:
        """The exit code of the fixes alone."""
        if self.failures:
            return exit_codes.COULD_NOT
        return exit_codes.FOUND if changes_count and self.files else exit_codes.OK
