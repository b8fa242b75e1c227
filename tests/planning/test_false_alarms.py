"""A rollback for missing values detects nothing, and a plan says so."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chartgen.planning.budgets import exceeded, parse_budgets
from chartgen.planning.detection.discrimination import detects
from chartgen.planning.judged_hours import with_release_hours
from chartgen.planning.planner import plan_release
from chartgen.planning.request import PlanRequest
from chartgen.planning.simulation_settings import SimulationSettings
from chartgen.planning.week_traffic import WeekTraffic
from chartgen.reporters.plan_tables import characteristic_table
from chartgen.reporters.plan_text import plan_text
from tests.planning.test_suggestion import context_of

_CHECK = {"name": "request-success-rate", "interval": "1m", "thresholdRange": {"min": 99}}
_ANALYSIS: dict[str, Any] = {"interval": "1m", "threshold": 5, "stepWeight": 10, "maxWeight": 50, "metrics": [_CHECK]}
_DETECT = parse_budgets(None, "", "", None, ["2%:95%"])


def request(**settings: Any) -> PlanRequest:
    traffic = SimulationSettings(**{"scrape_seconds": 15.0, **settings})
    return PlanRequest(settings=traffic, detect=_DETECT.detect, error_rates=())


def test_no_requests_detect_nothing() -> None:
    plan = plan_release(context_of(_ANALYSIS), request(rps=0.0))
    assert plan.false_alarm == 1
    (excess,) = exceeded(plan, _DETECT)
    assert "rolled back with probability 100 %, and a healthy one with 100 %: that is no detection" in excess.message
    (warning,) = plan.warnings
    assert warning == (
        "Flagger rolls back every healthy release at 0 requests per second, so a rollback says nothing about a release:"
        " too few requests reach the new version, and a check without values fails; generate load"
    )
    assert "failed requests on average" not in plan_text(plan)
    table = characteristic_table(plan, plan.characteristics[0])
    assert table.title == "Flagger rolls back healthy and failing releases alike (0 requests per second)"


def test_few_requests_name_the_missing_values() -> None:
    plan = plan_release(context_of(_ANALYSIS), request(rps=0.12))
    assert plan.false_alarm is not None
    assert 0.1 < plan.false_alarm < 0.9
    (warning,) = plan.warnings
    assert "of the healthy releases at 0.12 requests per second" in warning
    assert "a check without values fails" in warning


def test_a_healthy_error_rate_near_the_bound_is_named() -> None:
    plan = plan_release(context_of(_ANALYSIS), request(rps=50.0, healthy_error_rate=0.015))
    (warning,) = plan.warnings
    assert "1.5 % of its requests fail (--healthy-error-rate)" in warning
    assert "without values" not in warning


def test_enough_requests_have_no_warning() -> None:
    plan = plan_release(context_of(_ANALYSIS), request(rps=50.0))
    assert plan.warnings == ()
    assert exceeded(plan, _DETECT) == ()
    table = characteristic_table(plan, plan.characteristics[0])
    assert table.title == "can this canary detect a failing release? (50 requests per second)"


@pytest.mark.parametrize(
    ("rolled_back", "false_alarm", "expected"),
    [(1.0, 1.0, False), (0.95, 0.5, False), (0.34, 0.33, False), (0.95, 0.3, True), (0.005, 0.005, True), (0, 0, True)],
)
def test_most_rollbacks_must_be_due_to_the_release(rolled_back: float, false_alarm: float, *, expected: bool) -> None:
    assert detects(rolled_back, false_alarm) is expected


@pytest.mark.slow
def test_the_lowest_rate_of_a_week_is_computed_and_not_that_of_the_next_hour() -> None:
    """2 requests per second catch 23 %, 40 all of them; 10 suffice."""
    week = WeekTraffic((2.0,) * 100 + (40.0,) * 68, "week.csv")
    budgets = replace(_DETECT, failed_requests=900.0)
    asked, context = request(rps=2.0, week=week), context_of(_ANALYSIS)
    hours = with_release_hours(plan_release(context, asked), context, asked, budgets).hours
    assert hours is not None
    assert hours.lowest_rps is not None
    assert 8 <= hours.lowest_rps <= 12
    assert "it needs about " in hours.sentence
    assert "to meet --detect 2 %:95 %" in hours.sentence
    # Six minutes at 10 %, of which 95 % of the rollouts fail fewer than mean + 1.645 sqrt(mean) requests.
    assert hours.highest_rps is not None
    mean = hours.highest_rps * 0.1 * 360
    assert mean + 1.645 * mean**0.5 <= 905
    assert hours.highest_rps >= 21
    assert (
        f"above about {hours.highest_rps:g} requests per second, it exceeds --max-failed-requests 900" in hours.sentence
    )


@pytest.mark.slow
def test_every_number_of_a_week_names_its_hour() -> None:
    week = WeekTraffic((2.0,) * 100 + (40.0,) * 68, "week.csv")
    asked, context = request(rps=2.0, week=week), context_of(_ANALYSIS)
    plan = plan_release(context, asked)
    printed = " ".join(plan_text(plan).split())
    assert "in the busiest hour (Fri 04:00, 40 requests per second), if 100 % of the requests fail" in printed
    assert "(2 requests per second in the quietest hour, Mon 00:00)" in printed
    assert "at 2 per second" in plan_text(plan)
    budgets = parse_budgets(None, "", "", 5.0, ["2%:95%"], "0%")
    messages = [excess.message for excess in exceeded(plan, budgets)]
    assert "in the busiest hour (Fri 04:00, 40 requests per second)" in messages[0]
    assert messages[1].endswith("in the quietest hour (Mon 00:00, 2 requests per second)")


def test_a_week_of_equal_hours_has_no_hour_to_name() -> None:
    week = WeekTraffic((20.0,) * 168, "week.csv")
    plan = plan_release(context_of(_ANALYSIS), request(rps=20.0, week=week))
    assert "hour" not in plan_text(plan)
