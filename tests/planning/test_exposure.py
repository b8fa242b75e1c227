"""Exposure by its formula, on courses whose sum is known."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from chartgen.errors import UsageError
from chartgen.planning.budgets import Budgets, Detect, exceeded
from chartgen.planning.exposure import exposure, requests, seconds_of_traffic
from chartgen.planning.release_plan import Detected
from tests.reporters.plans import endless, failing, plan, played, success


def test_the_seed_example() -> None:
    """10 + 20 + 30 + 40 + 50, and 50 for one more interval while the primary is copied."""
    assert exposure(success()) == pytest.approx(200)
    assert exposure(failing()) == pytest.approx(60)
    assert requests(success(), 20) == pytest.approx(20 * 60 * 2)


def test_what_nothing_ends_is_exposed_without_end() -> None:
    assert math.isinf(exposure(endless()))
    assert math.isinf(requests(endless(), 1))
    assert seconds_of_traffic(endless()) == pytest.approx((0.4 + 0.8 + 1.0) * 60)


def test_budgets_judge_the_worst_and_the_success() -> None:
    found = plan()
    assert exceeded(found, Budgets(exposure=200, duration=480, rollback_time=360)) == ()
    over = exceeded(found, Budgets(exposure=199, duration=479, rollback_time=359))
    assert [one.budget for one in over] == ["max-exposure", "max-duration", "max-rollback-time"]
    assert "200 percent·minutes in scenario success" in over[0].told


def test_a_success_that_never_comes_takes_too_long() -> None:
    stuck = plan(played(endless(), promote=math.inf, rollback=math.inf))
    told = [one.found for one in exceeded(stuck, Budgets(exposure=1e9, duration=1e9, rollback_time=1e9))]
    assert told == [
        "without end percent·minutes in scenario success",
        "it never promotes",
        "a bad release is never rolled back",
    ]


def test_budgets_that_need_more_than_was_given_say_so() -> None:
    with pytest.raises(UsageError, match="--detect"):
        exceeded(plan(), Budgets(detect=(Detect(0.02, 0.95),)))
    with pytest.raises(UsageError, match="--max-failed-requests"):
        exceeded(plan(), Budgets(failed_requests=500))
    with pytest.raises(UsageError, match="--max-duration"):
        exceeded(plan(played(failing())), Budgets(duration=500))


def test_detection_and_failed_requests_are_judged() -> None:
    found = replace(plan(), failed_at_worst=600.0, detected=(Detected("request-success-rate", 0.02, 0.9),))
    over = exceeded(found, Budgets(failed_requests=500, detect=(Detect(0.02, 0.95),)))
    assert [one.told for one in over] == [
        "--max-failed-requests 500 is exceeded: 600 failed requests",
        "--detect 2 %:95 % is exceeded: rolled back with probability 90 %",
    ]
    assert exceeded(found, Budgets(failed_requests=600, detect=(Detect(0.02, 0.9),))) == ()
