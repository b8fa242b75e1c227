"""The operating characteristic against closed forms, and its two ways of computing against each other."""

from __future__ import annotations

import math
import random
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest

from chartgen.flagger.canary import DURATION, SUCCESS_RATE, read_canary
from chartgen.planning.detection import exact as walk
from chartgen.planning.detection import monte_carlo as drawn
from chartgen.planning.detection import poisson
from chartgen.planning.detection.checks import (
    Check,
    Checks,
    checks_of,
    prometheus_seconds,
)
from chartgen.planning.detection.metrics_source import Batch, IdealCounters
from chartgen.planning.detection.model import DetectionModel, Release, Traffic
from chartgen.planning.detection.operating_characteristic import Method, Watched
from chartgen.planning.detection.tick_distribution import is_exact, tick_law
from chartgen.planning.markov_chain import ChainState, End, MarkovChain

SUCCESS = Check(SUCCESS_RATE, 60.0, Fraction(99, 100))
P99 = Check(DURATION, 60.0, Fraction(99, 100))


def weight_canary(weights: list[int], threshold: int, interval: float = 60.0) -> MarkovChain:
    """The chain of a weight canary as semantics has it: detect, first step, checked steps, copy, shift, done."""
    places = [(w, f) for w in range(len(weights)) for f in range(threshold + 1)]
    number = {place: at for at, place in enumerate(places, start=1)}
    copying = len(places) + 1
    shifting, promoted, back = copying + 1, copying + 2, copying + 3
    share = weights[-1] / 100
    states = [ChainState(0, 0, interval, checked=False, passed=1, failed=1)]
    for w, f in places:
        now = weights[w] / 100
        if f == threshold:
            states.append(ChainState(now, now, interval, checked=False, passed=back, failed=back))
            continue
        onward = number[w + 1, f] if w + 1 < len(weights) else copying
        states.append(ChainState(now, now, interval, checked=True, passed=onward, failed=number[w, f + 1]))
    states.append(ChainState(share, share, interval, checked=False, passed=shifting, failed=shifting))
    states.append(ChainState(0, 0, interval, checked=False, passed=promoted, failed=promoted))
    states.append(ChainState(0, 0, interval, checked=False, passed=promoted, failed=promoted, end=End.PROMOTED))
    states.append(ChainState(0, 0, interval, checked=False, passed=back, failed=back, end=End.ROLLED_BACK))
    return MarkovChain(tuple(states))


SEED_EXAMPLE = weight_canary([10, 20, 30, 40, 50], 5)


def binomial_pass(mean: float, share: float, check: Check) -> float:
    """P(pass) the long way: over the number of requests, then over the bad ones among them."""
    total = 0.0
    for n in range(1, int(mean + 12 * math.sqrt(mean) + 60)):
        arrives = math.exp(n * math.log(mean) - mean - math.lgamma(n + 1))
        passing = (b for b in range(n + 1) if check.passes(n - b, b))
        total += arrives * math.fsum(math.comb(n, b) * share**b * (1 - share) ** (n - b) for b in passing)
    return total


@pytest.mark.parametrize("mean", [0.0, 0.3, 5.0, 80.0, 4000.0])
def test_poisson_weights_are_a_law_with_the_right_moments(mean: float) -> None:
    low, weights = poisson.weights(mean)
    assert math.fsum(weights) == pytest.approx(1, abs=1e-12)
    assert math.fsum(p * (low + i) for i, p in enumerate(weights)) == pytest.approx(mean, abs=1e-9)
    assert poisson.at_least(1, mean) == pytest.approx(-math.expm1(-mean), abs=1e-12)


@pytest.mark.parametrize("mean", [0.5, 8.0, 40.0, 3000.0])
def test_drawn_counts_follow_the_law(mean: float) -> None:
    rng = random.Random(3)
    drawn_counts = [poisson.draw(rng, mean) for _ in range(20000)]
    assert sum(drawn_counts) / 20000 == pytest.approx(mean, abs=5 * math.sqrt(mean / 20000))
    for count in {round(mean), round(mean + math.sqrt(mean)), 1}:
        share = sum(one >= count for one in drawn_counts) / 20000
        assert share == pytest.approx(poisson.at_least(count, mean), abs=0.02)


@pytest.mark.parametrize("requests_a_minute", [0.4, 6.0, 90.0])
@pytest.mark.parametrize("share", [0.0, 0.004, 0.02, 0.5])
@pytest.mark.parametrize("low", [Fraction(0), Fraction(95, 100), Fraction(99, 100), Fraction(1)])
def test_one_tick_equals_the_sum_over_all_counts(requests_a_minute: float, share: float, low: Fraction) -> None:
    check = Check(SUCCESS_RATE, 60.0, low)
    question = DetectionModel(Traffic(requests_a_minute / 60), Release(share), (check,))
    law = tick_law(question, ChainState(1, 1, 60.0, checked=True, passed=0, failed=0))
    assert law.pass_probability == pytest.approx(binomial_pass(requests_a_minute, share, check), abs=1e-9)
    assert math.fsum((*law.passed, *law.failed)) == pytest.approx(1, abs=1e-9)


def test_a_shorter_window_of_another_check_must_hold_a_request_too() -> None:
    question = DetectionModel(Traffic(0.05), Release(0.02), (SUCCESS, Check(DURATION, 20.0, Fraction(99, 100))))
    law = tick_law(question, ChainState(1, 1, 60.0, checked=True, passed=0, failed=0))
    early = binomial_pass(0.05 * 40, 0.02, SUCCESS)
    expected = binomial_pass(0.05 * 60, 0.02, SUCCESS) - math.exp(-0.05 * 20) * early
    assert law.pass_probability == pytest.approx(expected, abs=1e-9)


def test_what_six_requests_can_tell() -> None:
    """1 request a second, weight 10: six requests a window. One error among them fails 99 %, so it is a coin."""
    question = DetectionModel(Traffic(1), Release(0.1), (SUCCESS,))
    law = tick_law(question, ChainState(0.1, 0.1, 60.0, checked=True, passed=0, failed=0))
    assert law.pass_probability == pytest.approx(math.exp(-0.6) - math.exp(-6), abs=1e-6)


def test_everything_failing_is_rolled_back_after_threshold_plus_one_intervals() -> None:
    fate = walk.fate(SEED_EXAMPLE, DetectionModel(Traffic(10), Release(1.0), (SUCCESS,)))
    assert fate.rolled_back == pytest.approx(1)
    assert fate.rollback_seconds == pytest.approx(360)
    # 6 minutes at 10 % of 10 requests a second.
    assert fate.bad_mean == pytest.approx(360)
    assert fate.bad_p95 == pytest.approx(360 + 1.645 * math.sqrt(360), abs=2)


def test_a_healthy_release_is_rolled_back_for_want_of_requests_only() -> None:
    fate = walk.fate(SEED_EXAMPLE, DetectionModel(Traffic(0.01), Release(), (SUCCESS,)))
    assert fate.rolled_back > 0.9
    assert walk.fate(SEED_EXAMPLE, DetectionModel(Traffic(100), Release(), (SUCCESS,))).rolled_back < 1e-9


def test_without_a_check_everything_is_promoted() -> None:
    fate = walk.fate(SEED_EXAMPLE, DetectionModel(Traffic(10), Release(1.0), ()))
    assert fate.promoted == pytest.approx(1)
    assert fate.rollback_seconds is None


def test_chains_that_cannot_fail_agree_with_their_mean() -> None:
    fate = walk.fate(SEED_EXAMPLE, DetectionModel(Traffic(10), Release(0.01), ()))
    assert fate.bad_mean == pytest.approx(10 * 0.01 * 60 * (0.1 + 0.2 + 0.3 + 0.4 + 0.5 + 0.5))


@pytest.mark.parametrize("users", [1.0, 20.0])
@pytest.mark.parametrize("share", [0.005, 0.02, 0.1])
@pytest.mark.parametrize("checks", [(SUCCESS,), (SUCCESS, P99), (Check(SUCCESS_RATE, 30.0, Fraction(99, 100)), P99)])
def test_walked_and_drawn_fates_agree(users: float, share: float, checks: tuple[Check, ...]) -> None:
    question = DetectionModel(Traffic(users), Release(share), checks)
    assert is_exact(question, 60.0)
    walked = walk.fate(SEED_EXAMPLE, question)
    played = drawn.fate(SEED_EXAMPLE, question, runs=3000, seed=1)
    error = 4 * math.sqrt(walked.rolled_back * (1 - walked.rolled_back) / 3000) + 1e-3
    assert played.rolled_back == pytest.approx(walked.rolled_back, abs=error)
    assert played.bad_mean == pytest.approx(walked.bad_mean, rel=0.06, abs=0.3)
    assert played.bad_p95 == pytest.approx(walked.bad_p95, rel=0.06, abs=1.5)
    if walked.rollback_seconds and played.rollback_seconds and walked.rolled_back > 0.05:
        assert played.rollback_seconds == pytest.approx(walked.rollback_seconds, rel=0.06)


def test_latency_is_the_same_question_about_slow_requests() -> None:
    errors = walk.fate(SEED_EXAMPLE, DetectionModel(Traffic(20), Release(failing=0.02), (SUCCESS,), SUCCESS_RATE))
    slow = walk.fate(SEED_EXAMPLE, DetectionModel(Traffic(20), Release(slow=0.02), (P99,), DURATION))
    assert slow == errors


def test_overlapping_windows_are_drawn_and_remember() -> None:
    """One tick's burst of errors stays in a five-minute window for five ticks: it fails more often than once."""
    wide = Check(SUCCESS_RATE, 300.0, Fraction(99, 100))
    question = DetectionModel(Traffic(1.0), Release(0.01), (wide,))
    assert not is_exact(question, 60.0)
    strict = weight_canary([50, 100], 2)
    remembered = drawn.fate(strict, question, runs=3000)
    forgotten = walk.fate(strict, DetectionModel(Traffic(1.0), Release(0.01), (SUCCESS,)))
    assert remembered.rolled_back > forgotten.rolled_back + 0.05


def test_a_stand_may_take_no_time() -> None:
    """The one before the tick that notices the release does."""
    begun = MarkovChain((ChainState(0, 0, 0, checked=False, passed=1, failed=1), *shifted(SEED_EXAMPLE.states, 1)))
    wide = DetectionModel(Traffic(20.0), Release(1.0), (Check(SUCCESS_RATE, 300.0, Fraction(99, 100)),))
    assert drawn.fate(begun, wide, runs=20).rolled_back == 1.0


def shifted(states: tuple[ChainState, ...], by: int) -> list[ChainState]:
    return [replace(stand, passed=stand.passed + by, failed=stand.failed + by) for stand in states]


def test_a_window_of_several_ticks_equals_its_parts() -> None:
    """A window of 90 s over ticks of 60 s: the second check sees one and a half of them, at their weights."""
    sight = IdealCounters(lambda seconds, rate: Batch(round(seconds * rate), 0, round(seconds * rate)), (90.0,))
    sight.pass_time(60.0, 10)
    sight.pass_time(60.0, 50)
    seen = 10 * 30 + 50 * 60
    exactly = Check(DURATION, 90.0, Fraction(0), Fraction(0))
    assert sum(batch.requests for start, _, batch in sight._spans if start >= 30) == seen
    assert sight.answers(exactly)


def test_scraped_counters_see_less() -> None:
    """rate() over one minute scraped every 15 s holds 45 s, and the first error of all is never seen."""
    seen_all = drawn.fate(SEED_EXAMPLE, DetectionModel(Traffic(1.0), Release(0.03), (SUCCESS,)), runs=2000)
    scraped = drawn.fate(SEED_EXAMPLE, DetectionModel(Traffic(1.0, scrape=15.0), Release(0.03), (SUCCESS,)), runs=2000)
    assert scraped.rolled_back < seen_all.rolled_back - 0.02


def test_a_window_with_one_scrape_has_no_value() -> None:
    question = DetectionModel(Traffic(100.0, scrape=60.0), Release(), (SUCCESS,))
    assert drawn.fate(SEED_EXAMPLE, question, runs=50).rolled_back == 1.0


def test_the_characteristic_rises_with_the_rate() -> None:
    watched = Watched(SEED_EXAMPLE, Checks((SUCCESS,), ()), Traffic(20.0), 60.0)
    table = watched.characteristic(SUCCESS_RATE, (0.001, 0.01, 0.05, 0.5))
    chances = [table.healthy.fate.rolled_back, *(row.fate.rolled_back for row in table.rows)]
    assert all(low <= high + 1e-12 for low, high in pairwise(chances))
    assert {row.method for row in table.rows} == {Method.EXACT}
    assert chances[0] < 1e-9
    assert chances[-1] == pytest.approx(1)


def test_synthetic_requests_are_seen_but_met_by_no_user() -> None:
    silent = MarkovChain(
        (
            ChainState(0, 0, 60.0, checked=True, passed=1, failed=2),
            ChainState(0, 0, 60.0, checked=False, passed=1, failed=1, end=End.PROMOTED),
            ChainState(0, 0, 60.0, checked=False, passed=2, failed=2, end=End.ROLLED_BACK),
        )
    )
    alone = walk.fate(silent, DetectionModel(Traffic(100.0), Release(), (SUCCESS,)))
    loaded = drawn.fate(silent, DetectionModel(Traffic(100.0, synthetic=5.0), Release(0.5), (SUCCESS,)), runs=200)
    assert alone.rolled_back == pytest.approx(1)
    assert loaded.rolled_back == 1.0
    assert loaded.bad_mean == 0.0


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
def test_reading_the_checks(metric: dict[str, object], provider: str, expected: Check | None) -> None:
    checks = checks_of(read_canary({"spec": {"provider": provider, "analysis": {"metrics": [metric]}}}))
    assert checks.known == ((expected,) if expected else ())
    assert bool(checks.unknown) == (expected is None)


def test_windows_as_prometheus_reads_them() -> None:
    assert prometheus_seconds("1h30m") == 5400
    assert prometheus_seconds("500ms") == 0.5
    assert prometheus_seconds("1.5m") is None
    assert prometheus_seconds("") is None
