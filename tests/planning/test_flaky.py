"""Flaky checks: exact probabilities against a closed form and against random rollouts."""

from __future__ import annotations

import math

import pytest

from chartgen.planning.flaky import flaky_statistics, percentiles, sample_rollouts
from chartgen.planning.flaky_course import flaky_course
from chartgen.planning.markov_chain import FinalState
from tests.planning.test_detection import weight_canary


@pytest.mark.parametrize("threshold", [1, 2, 5])
@pytest.mark.parametrize("probability", [0.0, 0.1, 0.4, 1.0])
def test_promotion_is_a_negative_binomial_tail(threshold: int, probability: float) -> None:
    """Five checks must pass before the failed checks, which Flagger never resets, reach the threshold."""
    probabilities = flaky_course(weight_canary([10, 20, 30, 40, 50], threshold), probability).final
    expected = math.fsum(
        math.comb(4 + failed, failed) * (1 - probability) ** 5 * probability**failed for failed in range(threshold)
    )
    assert probabilities[FinalState.PROMOTED] == pytest.approx(expected, abs=1e-9)
    assert probabilities[FinalState.PROMOTED] + probabilities[FinalState.ROLLED_BACK] == pytest.approx(1)


def test_random_rollouts_agree_and_follow_the_seed() -> None:
    chain = weight_canary([10, 20, 30, 40, 50], 2)
    exact = flaky_course(chain, 0.2).final[FinalState.PROMOTED]
    rollouts = sample_rollouts(chain, 0.2, rollouts=5000, seed=7)
    assert sum(rollout.final is FinalState.PROMOTED for rollout in rollouts) / 5000 == pytest.approx(exact, abs=0.03)
    assert rollouts == sample_rollouts(chain, 0.2, rollouts=5000, seed=7)
    assert rollouts != sample_rollouts(chain, 0.2, rollouts=5000, seed=8)


def test_without_failures_all_percentiles_are_equal() -> None:
    statistics = flaky_statistics(weight_canary([10, 20, 30, 40, 50], 5), 0.0, rollouts=50, seed=0)
    assert statistics.promote_seconds is not None
    assert (statistics.promote_seconds.p5, statistics.promote_seconds.p95) == (480, 480)
    assert statistics.exposure.p50 == pytest.approx(200)


def test_percentiles_are_values_of_the_list() -> None:
    found = percentiles([float(value) for value in range(1, 101)])
    assert (found.p5, found.p50, found.p95) == (5, 50, 95)
    assert percentiles([3.0]).p95 == 3


def test_the_course_agrees_with_random_rollouts() -> None:
    chain = weight_canary([10, 20, 30, 40, 50], 2)
    course, rollouts = flaky_course(chain, 0.2), sample_rollouts(chain, 0.2, rollouts=5000, seed=7)
    promoted = [rollout.seconds for rollout in rollouts if rollout.final is FinalState.PROMOTED]
    assert course.promote_seconds == pytest.approx(sum(promoted) / len(promoted), rel=0.02)
    assert course.exposure == pytest.approx(sum(rollout.exposure for rollout in rollouts) / 5000, rel=0.02)


def test_the_band_of_weights_is_that_of_the_rollouts() -> None:
    """Without failures it is the line of every rollout; with failures, the mean is between the percentiles."""
    drawn = weight_canary([10, 20, 30, 40, 50], 5)
    chain = drawn._replace(states=tuple(state._replace(weight=state.user_share * 100) for state in drawn.states))
    assert all(point.low == point.mean == point.high for point in flaky_course(chain, 0.0).band)
    band = flaky_course(chain, 0.3).band
    assert all(point.low <= point.high and 0 <= point.mean <= 50 for point in band)
    assert max(point.high - point.low for point in band) >= 20
    assert band[-1].high == 0
