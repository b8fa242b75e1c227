"""When in a week a release meets its budgets: by the quietest and the busiest hour that it touches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chartgen.planning.week_traffic import HOURS, hour_ranges

if TYPE_CHECKING:
    from chartgen.planning.week_traffic import WeekTraffic


@dataclass(frozen=True, slots=True)
class ReleaseHours:
    """`bad`: the hours (0..167) in which a release should not start.

    `lowest_rps` is the fewest requests per second that detect a bad release, `highest_rps` the most with which few
    enough of them fail; None without such a rate in the week.
    """

    week: WeekTraffic
    bad: tuple[int, ...]
    lowest_rps: float | None
    highest_rps: float | None

    @property
    def ranges(self) -> tuple[str, ...]:
        return tuple(hour_ranges(self.bad))

    @property
    def sentence(self) -> str:
        """What a reader does with it."""
        if not self.bad:
            return "a release can start at any hour of the week"
        if len(self.bad) == HOURS:
            return "a release should not start at any hour of the week"
        rates = []
        if self.lowest_rps is not None and self.lowest_rps > min(self.week.rates):
            rates.append(f"it needs at least {self.lowest_rps:g} requests per second")
        if self.highest_rps is not None and self.highest_rps < max(self.week.rates):
            rates.append(f"it fails too many requests above {self.highest_rps:g} per second")
        return f"a release should not start from {', '.join(self.ranges)}: {' and '.join(rates)}"
