"""Colors and links on a terminal: `--color`, `NO_COLOR` and `FORCE_COLOR` decide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from chartgen.rules.rule import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

_CODES = {Severity.ERROR: "31", Severity.WARNING: "33", Severity.INFO: "36"}


class Colors(NamedTuple):
    """Whether output has colors and links."""

    on: bool = False

    def severity(self, severity: Severity, text: str) -> str:
        """The text in the color of the severity."""
        return f"\x1b[1;{_CODES[severity]}m{text}\x1b[0m" if self.on else text

    def link(self, address: str, text: str) -> str:
        """The text as a link (OSC 8); terminals without links show only the text."""
        return f"\x1b]8;;{address}\x1b\\{text}\x1b]8;;\x1b\\" if self.on else text


PLAIN = Colors()


def colors(choice: Literal["auto", "always", "never"], environment: Mapping[str, str], *, is_terminal: bool) -> Colors:
    """The colors for `--color`; `auto` follows NO_COLOR, then FORCE_COLOR, then whether stdout is a terminal."""
    if choice != "auto":
        return Colors(on=choice == "always")
    if environment.get("NO_COLOR"):
        return PLAIN
    return Colors(on=bool(environment.get("FORCE_COLOR")) or is_terminal)
