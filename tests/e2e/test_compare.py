"""The comparison of recordings sees what Flagger decided and nothing else. Needs no plane."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING

import pytest

from tests.e2e.answers import DURATION, SUCCESS_RATE, Answers, Script, metric_of
from tests.e2e.recording.compare import differences, own_words
from tests.e2e.recording.state import compact
from tests.e2e.recording.ticks import AuditLog

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.client import JsonObject

TICK: JsonObject = {
    "tick": 0,
    "second": 0.0,
    "events": [["Normal", "Advance a.rec canary weight 10"]],
    "after": {
        "phase": "Progressing",
        "canaryWeight": 10,
        "target": {"replicas": 1, "available": 1},
        "route": [["a", 1]],
    },
}
RECORDING: JsonObject = {"name": "a", "ticks": [TICK]}


def test_a_recording_equals_itself() -> None:
    assert list(differences(RECORDING, copy.deepcopy(RECORDING))) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("events", 0, 1), "Advance a.rec canary weight 20"),
        (("after", "phase"), "Promoting"),
        (("after", "canaryWeight"), 20),
        (("after", "target", "replicas"), 2),
        (("after", "route", 0, 1), 2),
    ],
)
def test_a_different_decision_is_reported(path: tuple[str | int, ...], value: object) -> None:
    other = copy.deepcopy(RECORDING)
    holder = other["ticks"][0]
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    assert len(list(differences(RECORDING, other))) == 1


def test_lagging_fields_are_not_compared() -> None:
    other = copy.deepcopy(RECORDING)
    other["ticks"][0]["after"]["target"]["available"] = 0
    other["ticks"][0]["second"] = 0.3
    assert list(differences(RECORDING, other)) == []


def test_a_missing_tick_is_reported() -> None:
    assert list(differences(RECORDING, {"ticks": []})) == ["tick 0: only in the first"]


def test_a_refusal_is_compared_without_its_text() -> None:
    assert list(differences({"refused": "a", "ticks": []}, {"refused": "b", "ticks": []})) == []
    assert list(differences({"refused": "a", "ticks": []}, {"ticks": []})) == ["refused: 'a' / None"]


def test_events_are_compared_up_to_the_words_of_others() -> None:
    text = "check h failed POST http://h giving up after 1 attempt(s)"
    assert own_words(f"{text}: context deadline exceeded") == own_words(text)
    assert own_words("Halt advancement no values found") == "Halt advancement no values found"


def test_the_text_of_a_recording_is_json_with_a_tick_a_line() -> None:
    text = compact(RECORDING)
    assert json.loads(text) == RECORDING
    assert len([line for line in text.splitlines() if line.startswith('  {"tick"')]) == 1


def test_an_empty_recording_is_json_too() -> None:
    assert json.loads(compact({"name": "a", "ticks": []})) == {"name": "a", "ticks": []}


def test_queries_are_distinguished() -> None:
    assert metric_of('histogram_quantile(0.99, sum(rate(x{a="b"}[1m])) by (le))') == DURATION
    assert metric_of('sum(rate(http_request_duration_seconds_count{status!~"5.*"}[1m]))') == SUCCESS_RATE
    assert metric_of('custom_some_name{a="b"}') == "some-name"


def test_a_query_belongs_to_the_longest_name_in_it() -> None:
    answers = Answers()
    try:
        short, long = answers.register(Script("ab-2", "ab-2")), answers.register(Script("ab-2-fail", "ab-2-fail"))
        assert answers.script_for('x{workload=~"ab-2"}') is short
        assert answers.script_for('x{service=~"rec-ab-2-fail-canary-80@kubernetescrd"}') is long
        assert answers.script_for('x{route=~"kube(ew)?_rec__ab_2_fail_canary__.*"}') is long
        assert answers.script_for('x{workload=~"ab-20"}') is None
        blue, green = (answers.register(Script("web", "web", namespace)) for namespace in ("blue", "green"))
        assert answers.script_for('x{namespace="blue", workload=~"web"}') is blue
        assert answers.script_for('x{namespace="green", workload=~"web"}') is green
        assert answers.script_for('custom_y{workload="web"}') is not None
    finally:
        answers.stop()


def test_a_tick_is_a_get_that_follows_no_other_closely(tmp_path: Path) -> None:
    log = tmp_path / "audit.log"
    log.write_text("")
    follower = AuditLog.from_now(log)
    stamps = ["10:00:00.000000", "10:00:00.400000", "10:00:10.000000"]
    entries = [
        {"objectRef": {"namespace": "n", "name": "c"}, "requestReceivedTimestamp": f"2024-01-01T{stamp}Z"}
        for stamp in stamps
    ]
    log.write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    ticks = list(follower.ticks())
    assert [round(tick.at - ticks[0].at, 1) for tick in ticks] == [0.0, 10.0]
    assert list(follower.ticks()) == []


def test_how_quick_a_controller_is_makes_no_difference() -> None:
    wait = "a-primary.rec not ready: waiting for rollout to finish: "
    quick, slow = (
        wait + "0 of 1 (readyThreshold 100%) updated replicas are available",
        wait + "observed deployment generation less than desired generation",
    )
    assert (
        own_words(quick)
        == own_words(slow)
        != own_words(wait + "1 of 2 (readyThreshold 100%) updated replicas are available")
    )
