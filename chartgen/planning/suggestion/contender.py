"""One routing, interval and window of the search, with the rollouts drawn for it so far: all thresholds at once."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chartgen.flagger.canary import SUCCESS_RATE
from chartgen.planning.detection import poisson
from chartgen.planning.detection.checks import checks_of
from chartgen.planning.detection.model import DetectionModel, Release
from chartgen.planning.detection.threshold_curve import ThresholdCurve
from chartgen.planning.run_summary import error_rate
from chartgen.planning.suggestion.outcome import Outcome
from chartgen.planning.suggestion.space import THRESHOLDS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chartgen.planning.detection.model import Traffic
    from chartgen.planning.suggestion.schedule import Schedule

# Until the first scrape of a tick, from it to the last one, and until the next tick.
_SPANS = 3


@dataclass(slots=True, eq=False)
class Contender:
    """`thresholds` are those that can still meet the budgets."""

    schedule: Schedule
    window: int
    thresholds: tuple[int, ...]
    bad: dict[float, ThresholdCurve]
    healthy: ThresholdCurve
    failing: ThresholdCurve | None
    user_rps: float
    failing_rate: float
    rates: tuple[float, ...] = field(default=())

    @classmethod
    def of(cls, schedule: Schedule, window: int, rates: tuple[float, ...]) -> Contender:
        """The contender for `--detect` budgets with these rates."""
        settings, seed = schedule.planner.request.settings, schedule.planner.request.settings.seed
        traffic, rate = schedule.planner.traffic(), error_rate(settings)
        baseline = settings.healthy_error_rate

        def curve(rate: float, traffic: Traffic = traffic) -> ThresholdCurve:
            model = _model(schedule, window, traffic, Release(max(rate, baseline), 0.0, baseline))
            rng = random.Random(f"{seed} {schedule.routing} {schedule.interval} {window} {rate}")  # noqa: S311 - a simulation
            return ThresholdCurve(schedule.chain, model, rng)

        peak = traffic._replace(user_rps=settings.peak_rps)
        always = _model(schedule, window, peak, Release(rate, 0.0, baseline))
        fails = any(always.has_no_value(check.kind) for check in always.checks)
        return cls(
            schedule,
            window,
            THRESHOLDS,
            {rate: curve(rate) for rate in rates},
            curve(0.0),
            None if fails else curve(rate, peak),
            settings.peak_rps,
            rate,
            rates,
        )

    @property
    def all_thresholds(self) -> tuple[int, ...]:
        """Also those that can't meet the budgets."""
        return THRESHOLDS

    @property
    def rollouts(self) -> int:
        return self.healthy.rollouts

    @property
    def work(self) -> int:
        """The time spans sampled so far."""
        return sum(curve.work for curve in self._curves())

    @property
    def work_per_rollout(self) -> float:
        """As sampled so far, or estimated for a good release."""
        if self.rollouts:
            return self.work / self.rollouts
        ticks = self.schedule.promote_seconds / self.schedule.interval
        return ticks * _SPANS * self.healthy.model.traffic.targets * len(list(self._curves()))

    def draw(self, rollouts: int) -> None:
        for curve in self._curves():
            curve.draw(rollouts)

    def _curves(self) -> Iterable[ThresholdCurve]:
        return (*self.bad.values(), self.healthy, *([self.failing] if self.failing else []))

    def outcome(self, threshold: int) -> Outcome:
        """The estimates so far."""
        schedule = self.schedule
        if self.failing is None:
            mean = schedule.failing[threshold - 1] * self.user_rps * self.failing_rate
            p95 = float(poisson.quantile(0.95, mean))
        else:
            mean, p95 = self.failing.bad(threshold)
        return Outcome(
            setting=schedule.setting(self.window, threshold),
            promote_seconds=schedule.promote_seconds,
            exposure=schedule.exposure,
            rollback_seconds=(threshold + 1) * schedule.interval,
            caught=tuple(self.bad[rate].rolled_back(threshold) for rate in self.rates),
            failed_mean=mean,
            failed_p95=p95,
            false_alarm=self.healthy.rolled_back(threshold),
            error=max((curve.margin(threshold, 1) for curve in self.bad.values()), default=0.0),
        )

    def margins(self, threshold: int, deviations: float) -> tuple[tuple[float, ...], float]:
        """How far the estimates of `caught` and of the false alarm can be off."""
        return (
            tuple(self.bad[rate].margin(threshold, deviations) for rate in self.rates),
            self.healthy.margin(threshold, deviations),
        )


def _model(schedule: Schedule, window: int, traffic: Traffic, release: Release) -> DetectionModel:
    checks = checks_of(schedule.planner.canary).modeled
    return DetectionModel(
        traffic, release, tuple(check._replace(window=float(window)) for check in checks), SUCCESS_RATE
    )
