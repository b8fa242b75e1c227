"""Scenarios, amounts and budgets as users write them."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chartgen.errors import UsageError
from chartgen.planning.amounts import (
    format_clock,
    format_exposure,
    format_number,
    format_probability,
    format_seconds,
    format_share,
    seconds_of,
    share_of,
    shares_of,
)
from chartgen.planning.budgets import parse_budgets, parse_detection_budget
from chartgen.planning.scenarios import ScenarioKind, parse_scenario, parse_scenarios
from chartgen.planning.startup import pod_start


@pytest.mark.parametrize(
    ("text", "kind", "field", "value"),
    [
        ("success", ScenarioKind.SUCCESS, "weight", 0),
        ("fail@10", ScenarioKind.FAIL, "weight", 10),
        ("fail@0", ScenarioKind.FAIL, "weight", 0),
        ("flaky:0.1", ScenarioKind.FLAKY, "probability", 0.1),
        ("flaky:10%", ScenarioKind.FLAKY, "probability", 0.1),
        ("no-traffic", ScenarioKind.NO_TRAFFIC, "weight", 0),
        ("slow-start:90s", ScenarioKind.SLOW_START, "seconds", 90),
        ("slow-start:1m30s", ScenarioKind.SLOW_START, "seconds", 90),
        ("gate-closed", ScenarioKind.GATE_CLOSED, "weight", 0),
        ("hook-fails:smoke@test", ScenarioKind.HOOK_FAILS, "weight", 0),
    ],
)
def test_scenarios_are_parsed(text: str, kind: ScenarioKind, field: str, value: float) -> None:
    scenario = parse_scenario(text)
    assert scenario.kind is kind
    assert getattr(scenario, field) == pytest.approx(value)
    assert scenario.text == text


@pytest.mark.parametrize(
    "text", ["", "fail", "fail@", "fail@101", "fail@-1", "fail:10", "fail@1.5", "flaky", "flaky:2", "flaky:x", "slow-start",
             "slow-start:90", "success@1", "gate-closed:1", "sucess", "fail@\u0661", "slow-start:99999999h"]
)  # fmt: skip
def test_an_invalid_scenario_is_rejected_with_a_hint(text: str) -> None:
    with pytest.raises(UsageError) as error:
        parse_scenario(text)
    assert error.value.hint


def test_success_is_the_default_and_duplicates_are_dropped() -> None:
    assert [scenario.text for scenario in parse_scenarios([])] == ["success"]
    scenarios = parse_scenarios(["fail@10", "success", "fail@10"])
    assert [scenario.text for scenario in scenarios] == ["fail@10", "success"]


@given(st.text())
def test_any_text_is_a_scenario_or_a_usage_error(text: str) -> None:
    with suppress(UsageError):
        assert parse_scenario(text).text == text


@pytest.mark.parametrize(
    ("text", "seconds"), [("30m", 1800), ("90s", 90), ("1h30m", 5400), ("1.5m", 90), ("500ms", 0.5)]
)
def test_durations(text: str, seconds: float) -> None:
    assert seconds_of(text, "--max-duration") == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "30", "m", "-5m", "5 m", "1e3s", "5d"])
def test_an_invalid_duration_names_the_option(text: str) -> None:
    with pytest.raises(UsageError, match="--max-duration"):
        seconds_of(text, "--max-duration")


def test_shares_are_exact() -> None:
    assert share_of("2%", "x") == 0.02
    assert share_of("0.07%", "x") == 0.0007
    assert shares_of("10%, 0.5, 1%,1%", "x") == (0.01, 0.1, 0.5)
    for invalid in ("200%", "1.5", "", "%", "-1%", "nan", "inf"):
        with pytest.raises(UsageError):
            share_of(invalid, "x")


def test_amounts_are_formatted() -> None:
    formatted = [format_seconds(seconds) for seconds in (None, float("inf"), 0, 45, 90, 120, 480, 630, 9000)]
    assert formatted == ["-", "never", "0 s", "45 s", "90 s", "2 min", "8 min", "10 min 30 s", "2 h 30 min"]
    assert [format_clock(seconds) for seconds in (0, 61, 3700)] == ["0:00", "1:01", "1:01:40"]
    assert [format_share(share) for share in (0, 1e-9, 0.001, 0.02, 0.999999, 1)] == [
        "0 %", "<0.01 %", "0.1 %", "2 %", ">99.99 %", "100 %",
    ]  # fmt: skip
    assert [format_number(number) for number in (0, 1.25, 12345.4, float("inf"))] == ["0", "1.2", "12,345", "unlimited"]
    assert [format_exposure(value) for value in (200, float("inf"))] == ["200 %·min", "unlimited"]


def test_budgets_are_parsed() -> None:
    budgets = parse_budgets(60, "30m", "5m", 500, ["2%:95%"])
    assert (budgets.exposure, budgets.duration, budgets.rollback_time, budgets.failed_requests) == (60, 1800, 300, 500)
    assert budgets.detect[0] == parse_detection_budget("0.02:0.95")
    assert bool(budgets)
    assert not parse_budgets(None, "", "", None, [])


@pytest.mark.parametrize("text", ["2%", "2%:", ":95%", "2%:101%", "two:95%"])
def test_an_invalid_detection_budget_names_the_option(text: str) -> None:
    with pytest.raises(UsageError, match="--detect"):
        parse_detection_budget(text)


def test_limits_must_be_at_least_zero() -> None:
    for invalid in (-1.0, float("nan")):
        with pytest.raises(UsageError, match="--max-exposure"):
            parse_budgets(invalid, "", "", None, [])


def test_probes_delay_readiness() -> None:
    probe = {"initialDelaySeconds": 20, "periodSeconds": 5, "successThreshold": 3}
    containers = [{"name": "app", "readinessProbe": probe}, {"name": "proxy", "readinessProbe": {}}]
    workload = {"spec": {"minReadySeconds": 5, "template": {"spec": {"containers": containers}}}}
    assert pod_start(workload).seconds == 20 + 2 * 5 + 5
    startup = [{"startupProbe": {"initialDelaySeconds": 60}, "readinessProbe": {"initialDelaySeconds": 5}}]
    assert pod_start({"spec": {"template": {"spec": {"containers": startup}}}}).seconds == 60


@pytest.mark.parametrize("workload", [None, {}, {"spec": None}, {"spec": {"template": {"spec": {"containers": [1, {"readinessProbe": 3}]}}}}])  # fmt: skip
def test_pods_without_probes_are_ready_immediately(workload: dict[str, object] | None) -> None:
    assert pod_start(workload).seconds == 0


def test_probabilities_have_no_false_precision() -> None:
    shares = (0.0, 0.0004, 0.004, 0.0096, 0.3711, 0.5, 0.9877, 0.9951, 0.9996, 1.0)
    assert [format_probability(share) for share in shares] == [
        "0 %", "<0.1 %", "0.4 %", "1.0 %", "37 %", "50 %", "99 %", "99.5 %", ">99.9 %", "100 %",
    ]  # fmt: skip
