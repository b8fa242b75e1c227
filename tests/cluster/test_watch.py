"""`watch` on recorded rollouts (`python -m tests.e2e.record_watch`): its updates, its end, and what it prints."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from chartgen.cluster.access.dump import DumpSource
from chartgen.cluster.watching.expectation import Expectation, expectation
from chartgen.cluster.watching.feed import Change
from chartgen.cluster.watching.follow import follow
from chartgen.cluster.watching.rollout import End, Limits, Position, Result, Rollout, Update, new_rollout
from chartgen.reporters.watch_formats import end_line, json_end, json_update, text_line, title, view
from chartgen.resources import schema
from tests.running import chartgen

if TYPE_CHECKING:
    from collections.abc import Iterator

FIXTURES = Path(__file__).parents[2] / "fixtures" / "watch"
RECORDINGS = ("promoted", "success-rate", "stalled-pod")


@dataclass(slots=True)
class Recording:
    """Recorded changes, played as fast as they are asked for; then nothing happens any more, second by second."""

    opened: float
    body: dict[str, Any]
    source: DumpSource
    changes: Iterator[Change]
    at: float = field(default=0.0)

    def next(self, seconds: float) -> Change:
        change = next(self.changes, None)
        self.at = change.at if change else self.at + seconds
        return change or Change(self.at)

    def plan(self) -> Expectation:
        return expectation(self.body, self.source, "1.44.0", "istio", bootstrap=False)

    def rollout(self, *, is_true: bool = False, **limits: float) -> Rollout:
        return new_rollout(self.body, self.plan(), Limits(**limits), self.opened, lambda: is_true)


def recording(name: str, *, until: str = "") -> Recording:
    """`until`: the phase before which the recording breaks off."""
    first, *rest = map(json.loads, (FIXTURES / f"{name}.jsonl").read_text().splitlines())
    changes = [Change(line["at"], line.get("canary"), line.get("event")) for line in rest]
    if until:
        cut = next(i for i, change in enumerate(changes) if change.canary and change.canary["status"]["phase"] == until)
        changes = changes[:cut]
    source = DumpSource("recorded", tuple(first["objects"]), frozenset())
    return Recording(first["opened"], first["objects"][0], source, iter(changes), changes[-1].at)


def played(recorded: Recording, *, is_true: bool = False, **limits: float) -> tuple[list[Update], End]:
    updates: list[Update] = []
    end = follow(recorded, recorded.rollout(is_true=is_true, **limits), updates.append, lambda _: None)
    return updates, end


def test_a_promotion_runs_next_to_its_plan() -> None:
    updates, end = played(recording("promoted"))
    assert end == End(Result.PROMOTED, "the primary runs the new version")
    running = [update for update in updates if update.position.phase == "Progressing" and not update.message]
    steps = {update.position.weight: update for update in running}
    assert list(steps) == [0, 10, 20, 30, 40, 50]
    for update in steps.values():
        assert update.late is not None
        assert abs(update.late) < 10
    left = [update.left for update in steps.values() if update.left is not None]
    assert len(left) == 6
    assert left == sorted(left, reverse=True)


def test_a_rollback_names_the_failed_check_and_the_limit() -> None:
    updates, end = played(recording("success-rate"))
    assert end == End(Result.ROLLED_BACK, "success rate 42.50% < 99%")
    deviations = [update.deviation for update in updates if update.deviation]
    assert deviations[-1] == "2 of 2 checks failed: success rate 42.50% < 99%"


def test_stalled_pods_are_named() -> None:
    _, end = played(recording("stalled-pod"))
    assert end.result is Result.ROLLED_BACK
    assert "not ready: waiting for rollout to finish" in end.reason


def test_a_rollout_that_nobody_continues_is_stuck() -> None:
    updates, end = played(recording("promoted", until="Promoting"))
    assert updates[-1].position.weight == 50
    assert end == End(Result.STUCK, "Flagger has said nothing for 60 s: does the controller run?")
    _, end = played(recording("stalled-pod", until="Failed"), stuck=5)
    assert end.result is Result.STUCK
    assert end.reason.startswith("no progress for 5 s: canary deployment rec-stalled-pod")


def test_a_timeout_ends_in_any_case() -> None:
    _, end = played(recording("promoted"), timeout=25)
    assert end.result is Result.TIMED_OUT


def test_a_deletion_ends_it() -> None:
    recorded = recording("promoted", until="Promoting")
    recorded.changes = iter([*recorded.changes, Change(recorded.at + 1, deleted=True)])
    assert played(recorded)[1].result is Result.DELETED


@pytest.mark.parametrize(
    ("phase", "result"),
    [("Succeeded", Result.NOTHING), ("Initialized", Result.NOTHING), ("Failed", Result.ROLLED_BACK)],
)
def test_a_canary_at_rest_is_judged_by_its_last_rollout(phase: str, result: Result) -> None:
    recorded = recording("promoted")
    recorded.changes = iter([Change(recorded.opened, {"status": {"phase": phase}})])
    recorded.at = recorded.opened
    assert played(recorded, start=20)[1].result is result


def test_a_canary_that_failed_but_was_set_back_since_is_no_failure() -> None:
    recorded = recording("promoted")
    recorded.changes = iter([Change(recorded.opened, {"status": {"phase": "Failed"}})])
    recorded.at = recorded.opened
    assert played(recorded, start=20, is_true=True)[1].result is Result.NOTHING


def test_events_of_an_earlier_rollout_are_left_out() -> None:
    recorded = recording("promoted")
    first = json.loads((FIXTURES / "promoted.jsonl").read_text().splitlines()[0])
    old = {
        "metadata": {"name": "old"},
        "message": "Canary failed!",
        "count": 3,
        "lastTimestamp": "2020-01-01T00:00:00Z",
    }
    recorded.changes = iter([Change(first["opened"], event=old), *recorded.changes])
    updates, _ = played(recorded)
    assert not any("Canary failed" in update.message for update in updates)


def test_an_event_that_happens_again_is_reported_again() -> None:
    recorded = recording("promoted")
    rollout = recorded.rollout()
    event = {"metadata": {"name": "x"}, "message": "Halt", "type": "Warning", "count": 1}
    assert len(rollout.apply(Change(recorded.opened + 5, event=event))) == 1
    assert rollout.apply(Change(recorded.opened + 5, event=event)) == []
    assert len(rollout.apply(Change(recorded.opened + 6, event={**event, "count": 2}))) == 1


def test_the_lines_show_both_times_and_why() -> None:
    updates, end = played(recording("success-rate"))
    lines = [text_line(update) for update in updates]
    assert any(re.fullmatch(r" +0:\d\d +0:10  Progressing +10 %  about \d+ s left", line) for line in lines), lines
    assert any("2 of 2 checks failed: success rate 42.50% < 99%" in line for line in lines)
    assert end_line(end) == "rolled back: success rate 42.50% < 99%"


@pytest.mark.parametrize("name", RECORDINGS)
def test_each_json_line_has_its_schema(name: str) -> None:
    updates, end = played(recording(name))
    for line in [*map(json_update, updates), json_end(end, 1.0)]:
        assert "\n" not in line
        jsonschema.validate(json.loads(line), schema("watch-v1.schema.json"))


def test_the_view_shows_the_plan_beside_the_truth() -> None:
    recorded = recording("promoted")
    plan = recorded.plan()
    updates, _ = played(recorded)
    half = [update for update in updates if update.at <= updates[len(updates) // 2].at]
    lines = view("Canary", plan, half, half[-1].at + 3, 100)
    assert sum(bool(re.fullmatch(r" +\d:\d\d +\d:\d\d  Progressing \d+ %", line)) for line in lines) >= 2
    assert any(re.fullmatch(r" +\d:\d\d +-  Succeeded 0 %", line) for line in lines)
    assert max(map(len, lines)) < 100
    assert view("Canary", plan, [], 0, 100)[-1] == "waiting for the Canary …"


def test_text_of_a_cluster_cannot_drive_a_terminal_or_ci() -> None:
    update = Update(1.0, 2.0, Position("Progressing\x1b[2J", 10), None, None, "a\x1b]0;x\x07\n::error::b")
    hostile = [text_line(update), json_update(update), *view("t\x1b", Expectation(()), [update], 1.0, 80)]
    hostile += [end_line(End(Result.STUCK, "\x1b[31m")), title("prod/web", "a\x1b[2J\n::error::b")]
    for line in hostile:
        assert not re.search(r"[\x00-\x1f\x7f]", line), line
        assert not line.startswith("::")
    metrics = replace(update, metrics={"rate\x1b": 1.0})
    assert "\x1b" not in text_line(metrics)


def test_a_plan_that_cannot_be_made_says_why() -> None:
    recorded = recording("promoted")
    body = {**recorded.body, "spec": {**recorded.body["spec"], "service": {}}}
    plan = expectation(body, recorded.source, "1.44.0", "", bootstrap=False)
    assert plan.ticks == ()
    assert "the API server rejects Canary" in plan.reason
    assert plan.left(None) is None


def test_options_are_checked_before_the_cluster_is_asked() -> None:
    for option, value in (("--timeout", "5"), ("--stuck-after", "x"), ("--namespace", "A_b")):
        done = chartgen("watch", "web", option, value)
        assert done.returncode == 2
        assert option in done.stderr
