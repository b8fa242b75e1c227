"""Terminal colours, or none."""

from __future__ import annotations

from dataclasses import dataclass

from chartgen.rules.rule import Severity

_CODES = {Severity.ERROR: "31", Severity.WARNING: "33", Severity.INFO: "36"}


@dataclass(frozen=True, slots=True)
class Colours:
    """How severities are shown."""

    on: bool = False

    def severity(self, severity: Severity, words: str) -> str:
        """The words in the severity's colour."""
        return f"\x1b[1;{_CODES[severity]}m{words}\x1b[0m" if self.on else words


PLAIN = Colours()
