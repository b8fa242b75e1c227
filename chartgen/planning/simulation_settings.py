"""The traffic and the random numbers of a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from chartgen.planning.week_traffic import hour_name, rate_text

if TYPE_CHECKING:
    from chartgen.planning.week_traffic import WeekTraffic


class SimulationSettings(NamedTuple):
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

    @property
    def detection_hour(self) -> str:
        """The hour that detection and false alarms count, ` in the …`; empty if all hours are the same."""
        if not self._varies or self.week is None or self.rps is None:
            return ""
        if self.rps == min(self.week.rates):
            return f" {self.week.in_quietest}"
        return f" in the median hour of the week ({rate_text(self.rps)})"

    @property
    def detection_rate(self) -> str:
        """The users' requests that detection and false alarms count, with their hour if hours differ."""
        rate = rate_text(self.rps or 0.0)
        if not self._varies or self.week is None:
            return rate
        quietest = self.rps == min(self.week.rates)
        return f"{rate} in the {f'quietest hour, {hour_name(self.week.quietest)}' if quietest else 'median hour'}"

    @property
    def failure_hour(self) -> str:
        """The hour that failed requests count; empty if all hours are the same."""
        return f" {self.week.in_busiest}" if self._varies and self.week else ""

    @property
    def _varies(self) -> bool:
        return self.week is not None and min(self.week.rates) < max(self.week.rates)

    def scaled(self, factor: float) -> SimulationSettings:
        """With more or fewer requests of users at all hours."""
        week = self.week.scaled(factor) if self.week else None
        return self._replace(rps=None if self.rps is None else self.rps * factor, week=week)
