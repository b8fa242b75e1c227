"""Many rollouts with flaky checks: how often Flagger promotes, how long that takes, and the exposure."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chartgen.planning.flaky_course import FlakyCourse, flaky_course
from chartgen.planning.markov_chain import FinalState

if TYPE_CHECKING:
    from chartgen.planning.markov_chain import MarkovChain


@dataclass(frozen=True, slots=True)
class Percentiles:
    """The 5th, 50th and 95th percentile."""

    p5: float
    p50: float
    p95: float


@dataclass(frozen=True, slots=True)
class FlakyStatistics:
    """`promoted`, `rolled_back` and `course` are exact; the percentiles come from `rollouts` random rollouts.

    `promote_seconds` covers the rollouts that promote and is None without any; `exposure` (percent·minutes) covers all.
    """

    promoted: float
    rolled_back: float
    promote_seconds: Percentiles | None
    exposure: Percentiles
    rollouts: int
    course: FlakyCourse


@dataclass(frozen=True, slots=True)
class _Rollout:
    final: FinalState | None
    seconds: float
    exposure: float


def flaky_statistics(chain: MarkovChain, probability: float, *, rollouts: int, seed: int) -> FlakyStatistics:
    """Rollouts in which each check fails with `probability`; the same seed yields the same rollouts."""
    course = flaky_course(chain, probability)
    samples = sample_rollouts(chain, probability, rollouts=rollouts, seed=seed)
    promoted = [rollout.seconds for rollout in samples if rollout.final is FinalState.PROMOTED]
    return FlakyStatistics(
        promoted=course.final[FinalState.PROMOTED],
        rolled_back=course.final[FinalState.ROLLED_BACK],
        promote_seconds=percentiles(promoted) if promoted else None,
        exposure=percentiles([rollout.exposure for rollout in samples]),
        rollouts=rollouts,
        course=course,
    )


def sample_rollouts(chain: MarkovChain, probability: float, *, rollouts: int, seed: int) -> list[_Rollout]:
    """Random rollouts, each from the detection of the release to its end."""
    rng = random.Random(seed)  # noqa: S311 - a simulation, not a secret
    return [_sample(chain, probability, rng) for _ in range(rollouts)]


def _sample(chain: MarkovChain, probability: float, rng: random.Random) -> _Rollout:
    index, seconds, exposure = 0, 0.0, 0.0
    for _ in range(chain.max_ticks):
        state = chain.states[index]
        if state.final:
            return _Rollout(state.final, seconds, exposure)
        seconds += state.seconds
        exposure += state.user_share * state.seconds * 100 / 60
        index = state.failed if state.checked and rng.random() < probability else state.passed
    return _Rollout(None, seconds, exposure)


def percentiles(values: list[float]) -> Percentiles:
    """The smallest values that at least 5, 50 and 95 % of the values don't exceed (nearest rank)."""
    ordered = sorted(values)

    def nearest_rank(share: float) -> float:
        return ordered[max(0, math.ceil(share * len(ordered)) - 1)]

    return Percentiles(nearest_rank(0.05), nearest_rank(0.5), nearest_rank(0.95))
