"""When in a week a release meets its budgets: by the quietest and the busiest hour that it touches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chartgen.planning.week_traffic import HOURS, hour_ranges

if TYPE_CHECKING:
    from chartgen.planning.week_traffic import WeekTraffic


@dataclass(frozen=True, slots=True)
class ReleaseHours:
    """`bad`: the hours (0..167) in which a release should not start, and `reasons` why.

    `lowest_rps` is about the fewest requests per second that detect a bad release, `highest_rps` about the most with
    which few enough of them fail; None if no rate that was tried does.
    """

    week: WeekTraffic
    bad: tuple[int, ...]
    lowest_rps: float | None
    highest_rps: float | None
    reasons: tuple[str, ...] = ()

    @property
    def ranges(self) -> tuple[str, ...]:
        return tuple(hour_ranges(self.bad))

    @property
    def sentence(self) -> str:
        """What a reader does with it."""
        if not self.bad:
            return "a release can start at any hour of the week"
        when = "at any hour of the week" if len(self.bad) == HOURS else f"from {', '.join(self.ranges)}"
        return f"a release should not start {when}: {'; '.join(self.reasons)}"
