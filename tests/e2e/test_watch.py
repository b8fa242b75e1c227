"""`chartgen watch` on real rollouts: its lines, its exit code, and how far the plan was from the truth."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.e2e.watching import Watched, at_rest, broken_off, deleted, gated, promoted, rolled_back, stalled

# A tick of Flagger can be late by some seconds on a busy machine.
_LATE = 15


@pytest.mark.story.with_args(promoted)
def test_a_promotion_is_followed_next_to_its_plan(story: Any) -> None:
    done, _, _ = story
    assert isinstance(done, Watched)
    assert (done.code, done.result["result"], done.result["ok"]) == (0, "promoted", True), done.stdout + done.stderr
    assert [weight for weight in done.weights() if weight in {10, 20, 30, 40, 50}] == [10, 20, 30, 40, 50]
    for line in done.lines:
        if line["type"] == "status" and line["weight"] in {10, 20, 30, 40, 50} and line["phase"] == "Progressing":
            assert abs(line["late_seconds"]) < _LATE, line
            assert line["left_seconds"] > 0
    assert sum(event.startswith("Advance ") for event in done.events()) == 5
    assert done.events()[0].startswith("New revision detected!")


@pytest.mark.story.with_args(promoted)
def test_in_ci_it_prints_plain_lines(story: Any) -> None:
    _, done, _ = story
    assert done.code == 0, done.stderr
    assert "\x1b" not in done.stdout
    lines = done.stdout.splitlines()
    assert re.fullmatch(r"Canary jx-production/watch-good in plane", lines[0])
    assert lines[1].split() == ["time", "plan", "phase", "weight", "event"]
    assert any(re.fullmatch(r" +\d:\d\d +\d:\d\d  Progressing +30 %  .*", line) for line in lines)
    assert lines[-1] == "promoted: the primary runs the new version"


@pytest.mark.story.with_args(promoted)
def test_in_a_terminal_it_draws_one_view_again_and_again(story: Any) -> None:
    code, printed = story[2]
    assert code == 0, printed
    frames = printed.split("\x1b[H")[1:]
    assert len(frames) > 20
    shown = [re.sub(r"\x1b\[[KJ]", "", frame) for frame in frames]
    assert any("[###############...............] 50 % canary" in frame for frame in shown)
    last = next(frame for frame in reversed(shown) if "elapsed" in frame)
    rows = re.findall(r"^ +(\d:\d\d) +(\d:\d\d)  Progressing (\d+) %", last, re.MULTILINE)
    assert {weight for _, _, weight in rows} >= {"10", "20", "30", "40", "50"}
    assert "promoted: the primary runs the new version" in shown[-1]


@pytest.mark.story.with_args(rolled_back)
def test_a_rollback_names_the_check_that_failed(story: Any) -> None:
    assert isinstance(story, Watched)
    assert (story.code, story.result["result"]) == (1, "rolled-back"), story.stdout + story.stderr
    assert story.result["reason"] == "success rate 42.50% < 99%"
    assert "2 of 2 checks failed: success rate 42.50% < 99%" in {line.get("deviation") for line in story.lines}


@pytest.mark.story.with_args(stalled)
def test_pods_that_never_start_are_named(story: Any) -> None:
    assert isinstance(story, Watched)
    assert (story.code, story.result["result"]) == (1, "rolled-back"), story.stdout + story.stderr
    assert "not ready" in story.result["reason"]


@pytest.mark.story.with_args(gated)
def test_a_closed_gate_times_out_and_an_open_one_is_promoted(story: Any) -> None:
    closed, opened = story
    assert (closed.code, closed.result["result"]) == (1, "timed-out"), closed.stdout + closed.stderr
    assert closed.result["reason"] == "waiting for approval approve"
    assert closed.lines[-2]["phase"] == "Waiting"
    assert (opened.code, opened.result["result"]) == (0, "promoted"), opened.stdout + opened.stderr


@pytest.mark.story.with_args(deleted)
def test_a_canary_that_is_deleted_is_one_line_and_exit_2(story: Any) -> None:
    assert isinstance(story, Watched)
    assert (story.code, story.result["result"]) == (2, "deleted"), story.stdout + story.stderr
    errors = [line for line in story.stderr.splitlines() if line.startswith("error: ")]
    assert errors == ["error: Canary jx-production/watch-gone: the Canary was deleted while it was watched"]


@pytest.mark.story.with_args(broken_off)
def test_a_broken_watch_resumes_where_it_broke(story: Any) -> None:
    done, cuts = story
    assert min(cuts[:2]) >= 2, (cuts, done.stdout, done.stderr)  # both watches, twice
    assert (done.code, done.result["result"]) == (0, "promoted"), done.stdout + done.stderr
    advances = [event for event in done.events() if event.startswith("Advance ")]
    assert [event.rpartition(" ")[2] for event in advances] == ["10", "20", "30", "40", "50"]


@pytest.mark.story.with_args(at_rest)
def test_nothing_to_roll_out_is_no_failure(story: Any) -> None:
    assert isinstance(story, Watched)
    assert (story.code, story.result["result"]) == (0, "nothing-to-roll-out"), story.stdout + story.stderr
