"""Flaky checks: exact probabilities against a closed form and against the draws."""

from __future__ import annotations

import math

import pytest

from chartgen.planning.flaky import draw_runs, end_probabilities, percentiles, spread
from chartgen.planning.markov_chain import End
from tests.planning.test_detection import weight_canary


@pytest.mark.parametrize("threshold", [1, 2, 5])
@pytest.mark.parametrize("probability", [0.0, 0.1, 0.4, 1.0])
def test_promotion_is_a_negative_binomial_tail(threshold: int, probability: float) -> None:
    """Five checks must pass before the failed ones reach the threshold, which never goes down again."""
    ends = end_probabilities(weight_canary([10, 20, 30, 40, 50], threshold), probability)
    expected = math.fsum(
        math.comb(4 + failed, failed) * (1 - probability) ** 5 * probability**failed for failed in range(threshold)
    )
    assert ends[End.PROMOTED] == pytest.approx(expected, abs=1e-9)
    assert ends[End.PROMOTED] + ends[End.ROLLED_BACK] == pytest.approx(1)


def test_draws_agree_and_are_seeded() -> None:
    chain = weight_canary([10, 20, 30, 40, 50], 2)
    exact = end_probabilities(chain, 0.2)[End.PROMOTED]
    runs = draw_runs(chain, 0.2, runs=5000, seed=7)
    assert sum(run.end is End.PROMOTED for run in runs) / 5000 == pytest.approx(exact, abs=0.03)
    assert runs == draw_runs(chain, 0.2, runs=5000, seed=7)
    assert runs != draw_runs(chain, 0.2, runs=5000, seed=8)


def test_the_spread_of_a_steady_canary_is_a_point() -> None:
    found = spread(weight_canary([10, 20, 30, 40, 50], 5), 0.0, runs=50, seed=0)
    assert found.promote_seconds is not None
    assert (found.promote_seconds.p5, found.promote_seconds.p95) == (480, 480)
    assert found.exposure.p50 == pytest.approx(200)


def test_percentiles_are_of_the_list() -> None:
    found = percentiles([float(one) for one in range(1, 101)])
    assert (found.p5, found.p50, found.p95) == (5, 50, 95)
    assert percentiles([3.0]).p95 == 3
