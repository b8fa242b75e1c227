"""The traffic and the random numbers of a plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chartgen.planning.week_traffic import WeekTraffic


@dataclass(frozen=True, slots=True)
class SimulationSettings:
    """The traffic and the random numbers of a plan: rates per second, shares 0..1, `rollouts` for flaky scenarios.

    With a `week`, `rps` is the rate of its quietest hour, the worst one to detect a bad release.
    """

    rps: float | None = None
    error_rate: float | None = None
    healthy_error_rate: float = 0.0
    synthetic_rps: float | None = None
    scrape_seconds: float = 0.0
    match_share: float | None = None
    pods: int | None = None
    seed: int = 0
    rollouts: int = 1000
    week: WeekTraffic | None = None

    @property
    def peak_rps(self) -> float:
        """The rate of the busiest hour, the worst one for failed requests."""
        return max(self.week.rates) if self.week else self.rps or 0.0
