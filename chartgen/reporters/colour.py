"""Terminal colours and links, or none: `--color`, `NO_COLOR`, `FORCE_COLOR`, and whether anybody looks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chartgen.errors import UsageError
from chartgen.rules.rule import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

_CODES = {Severity.ERROR: "31", Severity.WARNING: "33", Severity.INFO: "36"}
_CHOICES = ("auto", "always", "never")


@dataclass(frozen=True, slots=True)
class Colours:
    """How severities and links are shown."""

    on: bool = False

    def severity(self, severity: Severity, words: str) -> str:
        """The words in the severity's colour."""
        return f"\x1b[1;{_CODES[severity]}m{words}\x1b[0m" if self.on else words

    def link(self, address: str, words: str) -> str:
        """The words as a link (OSC 8), which terminals without links show as they are."""
        return f"\x1b]8;;{address}\x1b\\{words}\x1b]8;;\x1b\\" if self.on else words


PLAIN = Colours()


def colours(choice: str, environment: Mapping[str, str], *, is_terminal: bool) -> Colours:
    """What `--color` says; with `auto` NO_COLOR, then FORCE_COLOR, then whether a terminal shows it."""
    if choice not in _CHOICES:
        raise UsageError(f"--color {choice!r} is not known", hint=f"choose one of {', '.join(_CHOICES)}")
    if choice != "auto":
        return Colours(on=choice == "always")
    if environment.get("NO_COLOR"):
        return PLAIN
    return Colours(on=bool(environment.get("FORCE_COLOR")) or is_terminal)
