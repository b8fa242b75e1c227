"""What a setting means for a release, and how it compares with budgets and with other settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chartgen.planning.detection.discrimination import detects

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chartgen.planning.budgets import Budgets
    from chartgen.planning.suggestion.setting import Setting

# Probabilities that differ by less are the same to a reader, and within the error of their estimate.
_SAME_PROBABILITY, _SAME_FALSE_ALARM = 0.01, 0.003


@dataclass(frozen=True, slots=True)
class Outcome:
    """`caught`: the probability of a rollback for each rate of the `--detect` budgets, in their order.

    `promote_seconds` is the time to promote a good release, `exposure` its percent·minutes, `rollback_seconds` the
    shortest worst time to roll back that it can have. `failed_mean` and `failed_p95` are the failed requests of a bad
    release. `error` is the standard error of `caught`, 0 if it is exact.
    """

    setting: Setting
    promote_seconds: float
    exposure: float
    rollback_seconds: float
    caught: tuple[float, ...]
    failed_mean: float
    failed_p95: float
    false_alarm: float
    error: float = 0.0

    @property
    def detected(self) -> tuple[float, ...]:
        """`caught`, or 0 where most of these rollbacks are false alarms: those detect nothing."""
        return tuple(chance if detects(chance, self.false_alarm) else 0.0 for chance in self.caught)

    @property
    def lowest_caught(self) -> float:
        return min(self.detected, default=1.0)

    def is_faster(self, other: Outcome) -> bool:
        return self.promote_seconds < other.promote_seconds

    def dominates(self, other: Outcome) -> bool:
        """Whether nobody would choose the other one: it is at most equal in everything, and worse in something."""
        if self.setting == other.setting:
            return False
        as_good = (
            self.promote_seconds <= other.promote_seconds,
            self.failed_p95 <= other.failed_p95,
            self.lowest_caught >= other.lowest_caught - _SAME_PROBABILITY,
            self.false_alarm <= other.false_alarm + _SAME_FALSE_ALARM,
        )
        return all(as_good) and self._rank() < other._rank()

    def _rank(self) -> tuple[float, ...]:
        setting = self.setting
        return (
            self.promote_seconds, self.failed_p95, -self.lowest_caught, self.false_alarm, setting.interval,
            setting.window, setting.threshold, len(setting.routing.step_weights), setting.routing.max_weight,
            setting.routing.step_weight,
        )  # fmt: skip


def excesses(outcome: Outcome, budgets: Budgets, *, margin: float = 0.0) -> Iterator[tuple[str, float]]:
    """(name of the budget, relative excess) for each exceeded one. `caught` must keep `margin` standard errors."""
    limits = (
        ("max-duration", budgets.duration, outcome.promote_seconds),
        ("max-exposure", budgets.exposure, outcome.exposure),
        ("max-rollback-time", budgets.rollback_time, outcome.rollback_seconds),
        ("max-failed-requests", budgets.failed_requests, outcome.failed_p95),
        ("false-alarm", budgets.false_alarm, outcome.false_alarm),
    )
    for name, limit, actual in limits:
        if limit is not None and actual > limit:
            yield name, (actual - limit) / max(limit, 0.01)
    for budget, caught in zip(budgets.detect, outcome.detected, strict=True):
        if caught < budget.probability + margin * outcome.error:
            yield "detect", (budget.probability - caught) / budget.probability


def pareto_front(outcomes: Iterable[Outcome]) -> tuple[Outcome, ...]:
    """The outcomes that no other one dominates, the fastest first."""
    front: list[Outcome] = []
    for outcome in sorted(outcomes, key=lambda each: each._rank()):  # noqa: SLF001 - the order of this module
        if not any(other.dominates(outcome) for other in front):
            front.append(outcome)
    return tuple(front)
