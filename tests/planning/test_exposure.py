"""Exposure on runs with a known sum, and the budgets."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from chartgen.errors import UsageError
from chartgen.planning.budgets import Budgets, exceeded
from chartgen.planning.detection.detection_budget import DetectionBudget
from chartgen.planning.exposure import exposure, requests, seconds_of_traffic
from chartgen.planning.release_plan import DetectionProbability, FailedRequests
from tests.reporters.plans import endless, failing, plan, result, success


def test_exposure_is_the_sum_over_all_ticks() -> None:
    """10 + 20 + 30 + 40 + 50, and 50 for one more interval while Flagger copies the primary."""
    assert exposure(success()) == pytest.approx(200)
    assert exposure(failing()) == pytest.approx(60)
    assert requests(success(), 20) == pytest.approx(20 * 60 * 2)


def test_a_run_that_never_ends_has_unlimited_exposure() -> None:
    assert math.isinf(exposure(endless()))
    assert math.isinf(requests(endless(), 1))
    assert seconds_of_traffic(endless()) == pytest.approx((0.4 + 0.8 + 1.0) * 60)


def test_budgets_apply_to_the_worst_scenario_and_to_success() -> None:
    sample = plan()
    assert exceeded(sample, Budgets(exposure=200, duration=480, rollback_time=360)) == ()
    excesses = exceeded(sample, Budgets(exposure=199, duration=479, rollback_time=359))
    assert [excess.budget for excess in excesses] == ["max-exposure", "max-duration", "max-rollback-time"]
    assert "200 %·min in scenario success" in excesses[0].message


def test_a_release_that_never_promotes_exceeds_every_duration() -> None:
    stuck = plan(result(endless(), promote=math.inf, rollback=math.inf))
    excesses = exceeded(stuck, Budgets(exposure=1e9, duration=1e9, rollback_time=1e9))
    assert [excess.found for excess in excesses] == [
        "unlimited in scenario success",
        "Flagger never promotes the release",
        "Flagger never rolls back a bad release",
    ]


def test_budgets_name_a_missing_option() -> None:
    with pytest.raises(UsageError, match="--detect"):
        exceeded(plan(), Budgets(detect=(DetectionBudget(0.02, 0.95),)))
    with pytest.raises(UsageError, match="--max-failed-requests"):
        exceeded(plan(), Budgets(failed_requests=500))
    with pytest.raises(UsageError, match="--max-duration"):
        exceeded(plan(result(failing())), Budgets(duration=500))


def test_budgets_for_detection_and_failed_requests() -> None:
    sample = replace(
        plan(),
        failed_requests=FailedRequests(rate=0.02, mean=500.0, p95=600.0, promoted=0.1),
        detection_probabilities=(DetectionProbability("request-success-rate", 0.02, 0.9),),
    )
    excesses = exceeded(sample, Budgets(failed_requests=500, detect=(DetectionBudget(0.02, 0.95),)))
    assert [excess.message for excess in excesses] == [
        (
            "--max-failed-requests 500 is exceeded: 600 failed requests at the 95th percentile, 500 on average,"
            " if 2 % of the requests fail; promoted with probability 10 %"
        ),
        "--detect 2 %:95 % isn't met: a release that fails 2 % is rolled back with probability 90 %",
    ]
    policy = Budgets(detect=(DetectionBudget(0.02, 0.95),), source="chartgen.yaml", from_policy=frozenset({"detect"}))
    assert [excess.message for excess in exceeded(sample, policy)] == [
        "policy.detect 2 %:95 % (chartgen.yaml) isn't met: a release that fails 2 % is rolled back with probability 90 %"
    ]
    assert exceeded(sample, Budgets(failed_requests=600, detect=(DetectionBudget(0.02, 0.9),))) == ()


@pytest.mark.parametrize(("probability", "shown"), [(0.5133, "51 %"), (0.9497, "94.97 %"), (0.001, "0.1 %")])
def test_a_missed_detection_is_in_whole_percent_unless_that_hides_it(probability: float, shown: str) -> None:
    sample = replace(plan(), detection_probabilities=(DetectionProbability("request-success-rate", 0.02, probability),))
    (excess,) = exceeded(sample, Budgets(detect=(DetectionBudget(0.02, 0.95),)))
    assert excess.found.endswith(f"with probability {shown}")
