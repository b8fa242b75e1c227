"""The result of one check, and of all of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Status(Enum):
    """How a check ended, as reports say it."""

    OK = "ok"
    WARNING = "warning"
    BLOCKER = "blocker"
    SKIPPED = "not checked"


@dataclass(frozen=True, slots=True)
class Check:
    """One check. `command` mends it, or shows more; empty if there is nothing to do.

    `id` names what was checked and is stable; `subject` is the object concerned, as Kind namespace/name.
    """

    id: str
    status: Status
    subject: str
    message: str
    command: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """All checks of one Canary, in their order. `rps`: requests per second to the app now, None if unknown."""

    canary: str
    cluster: str
    checks: tuple[Check, ...]
    rps: float | None = None

    def of(self, status: Status) -> tuple[Check, ...]:
        """The checks that ended so."""
        return tuple(check for check in self.checks if check.status is status)
