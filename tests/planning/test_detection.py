"""The operating characteristic against closed forms, and the exact method against the Monte Carlo method."""

from __future__ import annotations

import math
import random
from fractions import Fraction
from itertools import pairwise

import pytest

from chartgen.flagger.canary import DURATION, SUCCESS_RATE, read_canary
from chartgen.planning.detection import exact, monte_carlo, poisson
from chartgen.planning.detection.checks import (
    Check,
    Checks,
    checks_of,
    prometheus_seconds,
)
from chartgen.planning.detection.metrics_source import IdealCounters
from chartgen.planning.detection.model import DetectionModel, Release, Traffic
from chartgen.planning.detection.operating_characteristic import DetectionAnalysis, Method
from chartgen.planning.detection.tick_distribution import is_exact, tick_distribution
from chartgen.planning.markov_chain import ChainState, FinalState, MarkovChain

SUCCESS = Check(SUCCESS_RATE, 60.0, Fraction(99, 100))
P99 = Check(DURATION, 60.0, Fraction(99, 100))


def weight_canary(weights: list[int], threshold: int, interval: float = 60.0) -> MarkovChain:
    """The chain of a weight canary, built by hand: detect, first step, checked steps, copy, shift, done."""
    steps = [(w, f) for w in range(len(weights)) for f in range(threshold + 1)]
    index = {step: number for number, step in enumerate(steps, start=1)}
    copying = len(steps) + 1
    shifting, promoted, rolled_back = copying + 1, copying + 2, copying + 3
    share = weights[-1] / 100
    states = [ChainState(0, 0, interval, checked=False, passed=1, failed=1)]
    for w, f in steps:
        weight = weights[w] / 100
        if f == threshold:
            states.append(ChainState(weight, weight, interval, checked=False, passed=rolled_back, failed=rolled_back))
            continue
        passed = index[w + 1, f] if w + 1 < len(weights) else copying
        states.append(ChainState(weight, weight, interval, checked=True, passed=passed, failed=index[w, f + 1]))
    states.append(ChainState(share, share, interval, checked=False, passed=shifting, failed=shifting))
    states.append(ChainState(0, 0, interval, checked=False, passed=promoted, failed=promoted))
    states.append(
        ChainState(0, 0, interval, checked=False, passed=promoted, failed=promoted, final=FinalState.PROMOTED)
    )
    final = FinalState.ROLLED_BACK
    states.append(ChainState(0, 0, interval, checked=False, passed=rolled_back, failed=rolled_back, final=final))
    return MarkovChain(tuple(states))


SEED_EXAMPLE = weight_canary([10, 20, 30, 40, 50], 5)


def pass_probability_by_enumeration(mean: float, share: float, check: Check) -> float:
    """P(pass) as a sum over the number of requests and the bad ones among them."""
    total = 0.0
    for n in range(1, int(mean + 12 * math.sqrt(mean) + 60)):
        arrives = math.exp(n * math.log(mean) - mean - math.lgamma(n + 1))
        passing = (b for b in range(n + 1) if check.passes(n - b, b))
        total += arrives * math.fsum(math.comb(n, b) * share**b * (1 - share) ** (n - b) for b in passing)
    return total


@pytest.mark.parametrize("mean", [0.0, 0.3, 5.0, 80.0, 4000.0])
def test_poisson_probabilities_have_the_right_moments(mean: float) -> None:
    low, probabilities = poisson.probabilities(mean)
    assert math.fsum(probabilities) == pytest.approx(1, abs=1e-12)
    assert math.fsum(p * (low + i) for i, p in enumerate(probabilities)) == pytest.approx(mean, abs=1e-9)
    assert poisson.at_least(1, mean) == pytest.approx(-math.expm1(-mean), abs=1e-12)


@pytest.mark.parametrize("mean", [0.5, 8.0, 40.0, 3000.0])
def test_samples_follow_the_poisson_distribution(mean: float) -> None:
    rng = random.Random(3)
    samples = [poisson.sample(rng, mean) for _ in range(20000)]
    assert sum(samples) / 20000 == pytest.approx(mean, abs=5 * math.sqrt(mean / 20000))
    for count in {round(mean), round(mean + math.sqrt(mean)), 1}:
        share = sum(sample >= count for sample in samples) / 20000
        assert share == pytest.approx(poisson.at_least(count, mean), abs=0.02)


@pytest.mark.parametrize("requests_a_minute", [0.4, 6.0, 90.0])
@pytest.mark.parametrize("share", [0.0, 0.004, 0.02, 0.5])
@pytest.mark.parametrize("low", [Fraction(0), Fraction(95, 100), Fraction(99, 100), Fraction(1)])
def test_the_distribution_of_a_tick_equals_the_sum_over_all_counts(
    requests_a_minute: float, share: float, low: Fraction
) -> None:
    check = Check(SUCCESS_RATE, 60.0, low)
    model = DetectionModel(Traffic(requests_a_minute / 60), Release(share), (check,))
    distribution = tick_distribution(model, ChainState(1, 1, 60.0, checked=True, passed=0, failed=0))
    assert distribution.pass_probability == pytest.approx(
        pass_probability_by_enumeration(requests_a_minute, share, check), abs=1e-9
    )
    assert math.fsum((*distribution.passed, *distribution.failed)) == pytest.approx(1, abs=1e-9)


def test_a_shorter_window_of_another_check_needs_a_request_too() -> None:
    model = DetectionModel(Traffic(0.05), Release(0.02), (SUCCESS, Check(DURATION, 20.0, Fraction(99, 100))))
    distribution = tick_distribution(model, ChainState(1, 1, 60.0, checked=True, passed=0, failed=0))
    earlier = pass_probability_by_enumeration(0.05 * 40, 0.02, SUCCESS)
    expected = pass_probability_by_enumeration(0.05 * 60, 0.02, SUCCESS) - math.exp(-0.05 * 20) * earlier
    assert distribution.pass_probability == pytest.approx(expected, abs=1e-9)


def test_six_requests_detect_ten_percent_errors_in_about_half_of_the_cases() -> None:
    """1 request per second at weight 10: six requests per window. One error among them fails a minimum of 99 %."""
    model = DetectionModel(Traffic(1), Release(0.1), (SUCCESS,))
    distribution = tick_distribution(model, ChainState(0.1, 0.1, 60.0, checked=True, passed=0, failed=0))
    assert distribution.pass_probability == pytest.approx(math.exp(-0.6) - math.exp(-6), abs=1e-6)


def test_a_release_with_only_errors_is_rolled_back_after_threshold_plus_one_intervals() -> None:
    outcomes = exact.outcome_distribution(SEED_EXAMPLE, DetectionModel(Traffic(10), Release(1.0), (SUCCESS,)))
    assert outcomes.rolled_back == pytest.approx(1)
    assert outcomes.rollback_seconds == pytest.approx(360)
    # 6 minutes at 10 % of 10 requests per second.
    assert outcomes.bad_mean == pytest.approx(360)
    assert outcomes.bad_p95 == pytest.approx(360 + 1.645 * math.sqrt(360), abs=2)


def test_a_healthy_release_is_only_rolled_back_if_requests_are_missing() -> None:
    outcomes = exact.outcome_distribution(SEED_EXAMPLE, DetectionModel(Traffic(0.01), Release(), (SUCCESS,)))
    assert outcomes.rolled_back > 0.9
    assert (
        exact.outcome_distribution(SEED_EXAMPLE, DetectionModel(Traffic(100), Release(), (SUCCESS,))).rolled_back < 1e-9
    )


def test_without_a_check_everything_is_promoted() -> None:
    outcomes = exact.outcome_distribution(SEED_EXAMPLE, DetectionModel(Traffic(10), Release(1.0), ()))
    assert outcomes.promoted == pytest.approx(1)
    assert outcomes.rollback_seconds is None


def test_without_a_check_the_mean_of_bad_requests_is_the_sum_over_all_weights() -> None:
    outcomes = exact.outcome_distribution(SEED_EXAMPLE, DetectionModel(Traffic(10), Release(0.01), ()))
    assert outcomes.bad_mean == pytest.approx(10 * 0.01 * 60 * (0.1 + 0.2 + 0.3 + 0.4 + 0.5 + 0.5))


@pytest.mark.slow
@pytest.mark.parametrize("users", [1.0, 20.0])
@pytest.mark.parametrize("share", [0.005, 0.02, 0.1])
@pytest.mark.parametrize("checks", [(SUCCESS,), (SUCCESS, P99), (Check(SUCCESS_RATE, 30.0, Fraction(99, 100)), P99)])
def test_the_exact_and_the_monte_carlo_method_agree(users: float, share: float, checks: tuple[Check, ...]) -> None:
    model = DetectionModel(Traffic(users), Release(share), checks)
    assert is_exact(model, 60.0)
    expected = exact.outcome_distribution(SEED_EXAMPLE, model)
    sampled = monte_carlo.outcome_distribution(SEED_EXAMPLE, model, rollouts=3000, seed=1)
    error = 4 * math.sqrt(expected.rolled_back * (1 - expected.rolled_back) / 3000) + 1e-3
    assert sampled.rolled_back == pytest.approx(expected.rolled_back, abs=error)
    assert sampled.bad_mean == pytest.approx(expected.bad_mean, rel=0.06, abs=0.3)
    assert sampled.bad_p95 == pytest.approx(expected.bad_p95, rel=0.06, abs=1.5)
    if expected.rollback_seconds and sampled.rollback_seconds and expected.rolled_back > 0.05:
        assert sampled.rollback_seconds == pytest.approx(expected.rollback_seconds, rel=0.06)


def test_slow_requests_are_detected_like_errors() -> None:
    errors = exact.outcome_distribution(
        SEED_EXAMPLE, DetectionModel(Traffic(20), Release(failing=0.02), (SUCCESS,), SUCCESS_RATE)
    )
    slow = exact.outcome_distribution(SEED_EXAMPLE, DetectionModel(Traffic(20), Release(slow=0.02), (P99,), DURATION))
    assert slow == errors


def test_overlapping_windows_use_monte_carlo_and_fail_several_checks() -> None:
    """A burst of errors in one tick stays in a five-minute window for five ticks, so it fails more than one check."""
    wide = Check(SUCCESS_RATE, 300.0, Fraction(99, 100))
    model = DetectionModel(Traffic(1.0), Release(0.01), (wide,))
    assert not is_exact(model, 60.0)
    strict = weight_canary([50, 100], 2)
    overlapping = monte_carlo.outcome_distribution(strict, model, rollouts=3000)
    independent = exact.outcome_distribution(strict, DetectionModel(Traffic(1.0), Release(0.01), (SUCCESS,)))
    assert overlapping.rolled_back > independent.rolled_back + 0.05


def test_a_state_can_last_zero_seconds() -> None:
    """The state before the tick that detects the release does."""
    chain = MarkovChain((ChainState(0, 0, 0, checked=False, passed=1, failed=1), *shifted(SEED_EXAMPLE.states, 1)))
    wide = DetectionModel(Traffic(20.0), Release(1.0), (Check(SUCCESS_RATE, 300.0, Fraction(99, 100)),))
    assert monte_carlo.outcome_distribution(chain, wide, rollouts=20).rolled_back == 1.0


def shifted(states: tuple[ChainState, ...], by: int) -> list[ChainState]:
    return [state._replace(passed=state.passed + by, failed=state.failed + by) for state in states]


def test_a_window_can_cover_a_part_of_a_tick() -> None:
    """A window of 90 s over ticks of 60 s: the second check covers one and a half of them, at their rates."""
    source = IdealCounters(
        lambda seconds, rate, _primary: (round(seconds * rate), 0, round(seconds * rate), 0), (90.0,)
    )
    source.pass_time(60.0, 10)
    source.pass_time(60.0, 50)
    requests = 10 * 30 + 50 * 60
    all_slow = Check(DURATION, 90.0, Fraction(0), Fraction(0))
    assert sum(batch.requests for start, _, batch in source._spans if start >= 30) == requests
    assert source.passes(all_slow)


def test_scraped_counters_detect_less() -> None:
    """rate() over one minute scraped every 15 s covers 45 s, and the first error of a series is never counted."""
    ideal = monte_carlo.outcome_distribution(
        SEED_EXAMPLE, DetectionModel(Traffic(1.0), Release(0.03), (SUCCESS,)), rollouts=2000
    )
    scraped = monte_carlo.outcome_distribution(
        SEED_EXAMPLE, DetectionModel(Traffic(1.0, scrape_seconds=15.0), Release(0.03), (SUCCESS,)), rollouts=2000
    )
    assert scraped.rolled_back < ideal.rolled_back - 0.02


def test_a_window_with_one_scrape_has_no_value() -> None:
    model = DetectionModel(Traffic(100.0, scrape_seconds=60.0), Release(), (SUCCESS,))
    assert monte_carlo.outcome_distribution(SEED_EXAMPLE, model, rollouts=50).rolled_back == 1.0


def test_the_rollback_probability_rises_with_the_error_rate() -> None:
    analysis = DetectionAnalysis(SEED_EXAMPLE, Checks((SUCCESS,), ()), Traffic(20.0), 60.0)
    characteristic = analysis.characteristic(SUCCESS_RATE, (0.001, 0.01, 0.05, 0.5))
    probabilities = [
        characteristic.healthy.outcomes.rolled_back,
        *(row.outcomes.rolled_back for row in characteristic.rows),
    ]
    assert all(low <= high + 1e-12 for low, high in pairwise(probabilities))
    assert {row.method for row in characteristic.rows} == {Method.EXACT}
    assert probabilities[0] < 1e-9
    assert probabilities[-1] == pytest.approx(1)


def test_checks_count_synthetic_requests_but_users_do_not_meet_them() -> None:
    chain = MarkovChain(
        (
            ChainState(0, 0, 60.0, checked=True, passed=1, failed=2),
            ChainState(0, 0, 60.0, checked=False, passed=1, failed=1, final=FinalState.PROMOTED),
            ChainState(0, 0, 60.0, checked=False, passed=2, failed=2, final=FinalState.ROLLED_BACK),
        )
    )
    no_load = exact.outcome_distribution(chain, DetectionModel(Traffic(100.0), Release(), (SUCCESS,)))
    load = monte_carlo.outcome_distribution(
        chain, DetectionModel(Traffic(100.0, synthetic_rps=5.0), Release(0.5), (SUCCESS,)), rollouts=200
    )
    assert no_load.rolled_back == pytest.approx(1)
    assert load.rolled_back == 1.0
    assert load.bad_mean == 0.0


@pytest.mark.parametrize(
    ("metric", "provider", "expected"),
    [
        ({"name": SUCCESS_RATE, "thresholdRange": {"min": 99}}, "istio", Check(SUCCESS_RATE, 60.0, Fraction(99, 100))),
        ({"name": SUCCESS_RATE, "threshold": 99.9, "interval": "30s"}, "istio", Check(SUCCESS_RATE, 30.0, Fraction(999, 1000))),
        ({"name": SUCCESS_RATE}, "istio", Check(SUCCESS_RATE, 60.0, Fraction(0))),
        ({"name": DURATION, "thresholdRange": {"max": 500}}, "istio", Check(DURATION, 60.0, Fraction(99, 100))),
        ({"name": DURATION, "thresholdRange": {}}, "istio", Check(DURATION, 60.0, Fraction(0))),
        ({"name": DURATION, "thresholdRange": {"max": 500}}, "nginx", None),
        ({"name": "mine", "query": "1"}, "istio", None),
    ],
)  # fmt: skip
def test_builtin_checks_are_read_from_the_canary(
    metric: dict[str, object], provider: str, expected: Check | None
) -> None:
    checks = checks_of(read_canary({"spec": {"provider": provider, "analysis": {"metrics": [metric]}}}))
    assert checks.modeled == ((expected,) if expected else ())
    assert bool(checks.unmodeled) == (expected is None)


def test_windows_are_prometheus_durations() -> None:
    assert prometheus_seconds("1h30m") == 5400
    assert prometheus_seconds("500ms") == 0.5
    assert prometheus_seconds("1.5m") is None
    assert prometheus_seconds("") is None
