"""Draws rollouts for all contenders in rounds, and drops those that can't meet the budgets any more.

The work is bounded by counting, not by the clock: the same seed yields the same result on every machine.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chartgen.planning.suggestion.outcome import excesses, pareto_front

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chartgen.planning.budgets import Budgets
    from chartgen.planning.suggestion.contender import Contender

_FIRST_ROUND = 12
_ENOUGH = 300
# The share of the work for the first round.
_FIRST_SHARE = 0.6
# A contender is dropped if a budget is out of reach by this many standard errors.
_DEVIATIONS = 3.0


@dataclass(slots=True)
class Race:
    """`left`: the time spans that may still be sampled."""

    budgets: Budgets
    left: int

    def run(self, contenders: Sequence[Contender]) -> list[Contender]:
        """The contenders that can still meet the budgets, after as many rollouts as the work allows."""
        rollouts = _FIRST_ROUND
        alive = self._sample(contenders, rollouts)
        self._draw(alive, rollouts)
        while True:
            alive = [contender for contender in alive if self._keep(contender)]
            rollouts = min(2 * rollouts, _ENOUGH)
            affordable = self._affordable(alive, rollouts)
            if not affordable or all(contender.rollouts >= _ENOUGH for contender in alive):
                return alive
            self._draw(affordable, rollouts)
            if len(affordable) < len(alive):
                return [contender for contender in affordable if self._keep(contender)]

    def _draw(self, contenders: Sequence[Contender], rollouts: int) -> None:
        for contender in contenders:
            before = contender.work
            contender.draw(max(0, min(rollouts, _ENOUGH - contender.rollouts)))
            self.left -= contender.work - before

    def _sample(self, contenders: Sequence[Contender], rollouts: int) -> list[Contender]:
        """All contenders, or as many as a part of the work allows: any of them, in their own order."""
        shuffled = list(contenders)
        random.Random(len(shuffled)).shuffle(shuffled)  # noqa: S311 - a choice, not a secret
        left = self.left * _FIRST_SHARE
        chosen = set()
        for contender in shuffled:
            left -= contender.work_per_rollout * rollouts
            if left < 0:
                break
            chosen.add(contender)
        return [contender for contender in contenders if contender in chosen]

    def _affordable(self, alive: Sequence[Contender], rollouts: int) -> list[Contender]:
        """As many contenders as the work left allows to draw this many rollouts for.

        Those that nobody beats so far come first, then the fastest.
        """
        affordable: list[Contender] = []
        left = self.left
        leading = self._leading(alive)
        for contender in sorted(alive, key=lambda each: (each not in leading, each.schedule.promote_seconds)):
            left -= math.ceil(contender.work_per_rollout * rollouts)
            if left < 0:
                break
            affordable.append(contender)
        return affordable

    @staticmethod
    def _leading(alive: Sequence[Contender]) -> list[Contender]:
        drawn = [contender for contender in alive if contender.rollouts]
        outcomes = {each.outcome(threshold): each for each in drawn for threshold in each.thresholds}
        return [outcomes[outcome] for outcome in pareto_front(outcomes)]

    def _keep(self, contender: Contender) -> bool:
        contender.thresholds = tuple(each for each in contender.thresholds if self._can_meet(contender, each))
        return bool(contender.thresholds)

    def _can_meet(self, contender: Contender, threshold: int) -> bool:
        outcome = contender.outcome(threshold)
        caught, alarm = contender.margins(threshold, _DEVIATIONS)
        if self.budgets.false_alarm is not None and outcome.false_alarm - alarm > self.budgets.false_alarm:
            return False
        pairs = zip(self.budgets.detect, outcome.caught, caught, strict=True)
        if any(found + margin < budget.probability for budget, found, margin in pairs):
            return False
        fixed = {"max-failed-requests"} if contender.failing is None else set()
        return not any(
            name in {"max-exposure", "max-rollback-time", *fixed} for name, _ in excesses(outcome, self.budgets)
        )
