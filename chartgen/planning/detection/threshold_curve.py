"""The outcome of a rollout for all thresholds at once, from the same random rollouts.

A failed check doesn't advance the weight, and a passed one takes no failed check back. Up to its rollback, a rollout
therefore doesn't depend on the threshold: with threshold n, it ends one tick after its n-th failed check.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chartgen.planning.detection.monte_carlo import RequestSampler, bad_requests_of_users, metrics_source

if TYPE_CHECKING:
    import random

    from chartgen.planning.detection.model import DetectionModel
    from chartgen.planning.markov_chain import MarkovChain


@dataclass(frozen=True, slots=True)
class _Rollout:
    """How many checks failed; `bad[n - 1]` are the bad requests of users until a rollback after n failed checks."""

    failed_checks: int
    bad: tuple[int, ...]
    bad_in_total: int


@dataclass(slots=True)
class ThresholdCurve:
    """Seeded rollouts of a chain with the highest threshold; `work` counts the time spans they sampled."""

    chain: MarkovChain
    model: DetectionModel
    rng: random.Random
    work: int = 0
    _rollouts: list[_Rollout] = field(default_factory=list)
    _ending: frozenset[int] = field(init=False)
    _sampler: RequestSampler = field(init=False)

    def __post_init__(self) -> None:
        self._ending = self.chain.ending_states()
        self._sampler = RequestSampler(self.model.release, self.rng)

    @property
    def rollouts(self) -> int:
        return len(self._rollouts)

    def draw(self, rollouts: int) -> None:
        """Draw more rollouts."""
        self._rollouts += [self._sample() for _ in range(rollouts)]

    def rolled_back(self, threshold: int) -> float:
        """The share of rollouts that a threshold rolls back."""
        return sum(rollout.failed_checks >= threshold for rollout in self._rollouts) / len(self._rollouts)

    def bad(self, threshold: int) -> tuple[float, float]:
        """The mean and the 95th percentile of the bad requests until the end of the rollout."""
        counts = sorted(
            rollout.bad[threshold - 1] if rollout.failed_checks >= threshold else rollout.bad_in_total
            for rollout in self._rollouts
        )
        return sum(counts) / len(counts), float(counts[-(-len(counts) * 95 // 100) - 1])

    def margin(self, threshold: int, deviations: float) -> float:
        """That many standard errors of `rolled_back`. One more rollout of either kind keeps it above 0."""
        count = len(self._rollouts)
        share = (self.rolled_back(threshold) * count + 1) / (count + 2)
        return deviations * math.sqrt(share * (1 - share) / count)

    def _sample(self) -> _Rollout:
        source = metrics_source(self.chain, self.model, self.rng, self._sampler)
        no_value = any(self.model.has_no_value(check.kind) for check in self.model.checks)
        states, checks = self.chain.states, self.model.checks
        index = failed_checks = total = 0
        bad: list[int] = []
        for _ in range(self.chain.max_ticks):
            state = states[index]
            if state.final or index not in self._ending:
                break
            total += bad_requests_of_users(self.model, state, source, self.rng)
            if failed_checks > len(bad):
                bad.append(total)
            passes = not state.checked or (not no_value and all(source.passes(check) for check in checks))
            failed_checks += not passes
            index = state.passed if passes else state.failed
        if failed_checks > len(bad):
            bad.append(total)
        self.work += source.work
        return _Rollout(failed_checks, tuple(bad), total)
