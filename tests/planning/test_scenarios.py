"""Scenarios, amounts and budgets as they are written."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chartgen.errors import UsageError
from chartgen.planning.amounts import (
    seconds_of,
    share_of,
    shares_of,
    told_clock,
    told_number,
    told_seconds,
    told_share,
)
from chartgen.planning.budgets import parse_budgets, parse_detect
from chartgen.planning.scenarios import Kind, parse_scenario, parse_scenarios
from chartgen.planning.startup import pod_start


@pytest.mark.parametrize(
    ("text", "kind", "field", "value"),
    [
        ("success", Kind.SUCCESS, "weight", 0),
        ("fail@10", Kind.FAIL, "weight", 10),
        ("fail@0", Kind.FAIL, "weight", 0),
        ("flaky:0.1", Kind.FLAKY, "probability", 0.1),
        ("flaky:10%", Kind.FLAKY, "probability", 0.1),
        ("no-traffic", Kind.NO_TRAFFIC, "weight", 0),
        ("slow-start:90s", Kind.SLOW_START, "seconds", 90),
        ("slow-start:1m30s", Kind.SLOW_START, "seconds", 90),
        ("gate-closed", Kind.GATE_CLOSED, "weight", 0),
    ],
)
def test_scenarios_are_read(text: str, kind: Kind, field: str, value: float) -> None:
    scenario = parse_scenario(text)
    assert scenario.kind is kind
    assert getattr(scenario, field) == pytest.approx(value)
    assert scenario.text == text


@pytest.mark.parametrize(
    "text", ["", "fail", "fail@", "fail@101", "fail@-1", "fail:10", "fail@1.5", "flaky", "flaky:2", "flaky:x", "slow-start",
             "slow-start:90", "success@1", "gate-closed:1", "sucess", "fail@\u0661", "slow-start:99999999h"]
)  # fmt: skip
def test_what_is_no_scenario_is_refused_with_a_hint(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_scenario(text)
    assert refused.value.hint


def test_success_is_the_default_and_each_scenario_stands_once() -> None:
    assert [one.text for one in parse_scenarios([])] == ["success"]
    assert [one.text for one in parse_scenarios(["fail@10", "success", "fail@10"])] == ["fail@10", "success"]


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
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(UsageError, match="--max-duration"):
        seconds_of(text, "--max-duration")


def test_shares_are_taken_as_written() -> None:
    assert share_of("2%", "x") == 0.02
    assert share_of("0.07%", "x") == 0.0007
    assert shares_of("10%, 0.5, 1%,1%", "x") == (0.01, 0.1, 0.5)
    for wrong in ("200%", "1.5", "", "%", "-1%", "nan", "inf"):
        with pytest.raises(UsageError):
            share_of(wrong, "x")


def test_amounts_are_told_for_people() -> None:
    told = [told_seconds(one) for one in (None, float("inf"), 0, 45, 90, 120, 480, 630, 9000)]
    assert told == ["-", "never", "0 s", "45 s", "90 s", "2 min", "8 min", "10 min 30 s", "2 h 30 min"]
    assert [told_clock(one) for one in (0, 61, 3700)] == ["0:00", "1:01", "1:01:40"]
    assert [told_share(one) for one in (0, 1e-9, 0.001, 0.02, 0.999999, 1)] == [
        "0 %", "<0.01 %", "0.1 %", "2 %", ">99.99 %", "100 %",
    ]  # fmt: skip
    assert [told_number(one) for one in (0, 1.25, 12345.4, float("inf"))] == ["0", "1.2", "12,345", "without end"]


def test_budgets_are_read() -> None:
    budgets = parse_budgets(60, "30m", "5m", 500, ["2%:95%"])
    assert (budgets.exposure, budgets.duration, budgets.rollback_time, budgets.failed_requests) == (60, 1800, 300, 500)
    assert budgets.detect[0] == parse_detect("0.02:0.95")
    assert bool(budgets)
    assert not parse_budgets(None, "", "", None, [])


@pytest.mark.parametrize("text", ["2%", "2%:", ":95%", "2%:101%", "two:95%"])
def test_what_is_no_detection(text: str) -> None:
    with pytest.raises(UsageError, match="--detect"):
        parse_detect(text)


def test_negative_and_undefined_limits_are_refused() -> None:
    for wrong in (-1.0, float("nan")):
        with pytest.raises(UsageError, match="--max-exposure"):
            parse_budgets(wrong, "", "", None, [])


def test_pods_start_with_their_probes() -> None:
    probe = {"initialDelaySeconds": 20, "periodSeconds": 5, "successThreshold": 3}
    containers = [{"name": "app", "readinessProbe": probe}, {"name": "proxy", "readinessProbe": {}}]
    workload = {"spec": {"minReadySeconds": 5, "template": {"spec": {"containers": containers}}}}
    assert pod_start(workload).seconds == 20 + 2 * 5 + 5
    startup = [{"startupProbe": {"initialDelaySeconds": 60}, "readinessProbe": {"initialDelaySeconds": 5}}]
    assert pod_start({"spec": {"template": {"spec": {"containers": startup}}}}).seconds == 60


@pytest.mark.parametrize("odd", [None, {}, {"spec": None}, {"spec": {"template": {"spec": {"containers": [1, {"readinessProbe": 3}]}}}}])  # fmt: skip
def test_pods_without_probes_start_at_once(odd: dict[str, object] | None) -> None:
    assert pod_start(odd).seconds == 0
