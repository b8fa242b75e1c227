"""Durations read as Go reads them; Go's answers are a fixture, asked of the real one again where it is installed."""

from __future__ import annotations

import json
import random
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chartgen.errors import UsageError
from chartgen.flagger.canary import call_timeout, interval_seconds
from chartgen.flagger.go_durations import DurationError, duration_seconds, parse_duration
from chartgen.flagger.go_values import milliseconds_text
from chartgen.planning.amounts import seconds_of
from tests.conftest import ROOT

GO = shutil.which("go")
ANSWERS: list[dict[str, Any]] = json.loads((ROOT / "fixtures" / "go-durations.json").read_text(encoding="utf-8"))
PIECES = (*"0123456789.-+", "9223372036", "000", "ns", "us", "µs", "ms", "s", "m", "h", "\n", " ", "x", "१", '"', "\\")


def answered(text: str) -> dict[str, Any]:
    try:
        return {"text": text, "seconds": parse_duration(text), "error": ""}
    except DurationError as error:
        return {"text": text, "seconds": 0, "error": str(error)}


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: ascii(answer["text"]))
def test_durations_read_as_go_read_them(answer: dict[str, Any]) -> None:
    assert answered(answer["text"]) == answer


@pytest.mark.slow
@pytest.mark.skipif(GO is None, reason="go isn't installed: its recorded answers are tested all the same")
def test_go_still_gives_these_answers() -> None:
    chance = random.Random(1)
    made = ["".join(chance.choices(PIECES, k=chance.randint(0, 8))) for _ in range(20_000)]
    texts = [answer["text"] for answer in ANSWERS] + made
    assert GO is not None
    done = subprocess.run(
        [GO, "run", str(Path(__file__).parent / "parse_durations.go")],
        input="\n".join(map(json.dumps, texts)),
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert found[: len(ANSWERS)] == ANSWERS
    assert found == [answered(text) for text in texts]
    assert sum(not answer["error"] for answer in found) > 500, "the texts say something on durations, too"


@given(st.text(st.sampled_from("0123456789.nuµmsh+-")) | st.text())
def test_any_text_is_within_an_int64_or_an_error(text: str) -> None:
    with suppress(DurationError):
        assert abs(parse_duration(text)) <= 2**63 / 10**9
    assert duration_seconds(text) == (None if answered(text)["error"] else answered(text)["seconds"])


@given(st.integers(-(2**43), 2**43))
def test_go_reads_its_own_durations(milliseconds: int) -> None:
    assert parse_duration(milliseconds_text(milliseconds)) == pytest.approx(milliseconds / 1000)


def test_only_a_string_holds_a_duration() -> None:
    values: list[object] = [None, 0, 60, 1.5, True, [], {"s": 1}, "60s"]
    assert [duration_seconds(value) for value in values] == [None] * 7 + [60]


def test_an_invalid_interval_counts_as_a_minute_a_short_one_as_ten_seconds() -> None:
    intervals = ("", "60s\n", "9999999999m", "१m", "9s", "-1m", "0", "90s")
    assert [interval_seconds(interval) for interval in intervals] == [60, 60, 60, 60, 10, 10, 10, 90]


def test_a_hook_timeout_of_less_than_two_characters_counts_as_ten_seconds() -> None:
    assert [call_timeout(timeout) for timeout in ("", "5", "5s", "1x")] == ["10s", "10s", "5s", "1x"]


@pytest.mark.parametrize("text", ["-5m", "60s\n", "१m", "9999999999m", "8785h", "nan", "1e3s"])
def test_an_option_takes_gos_durations_up_to_a_year(text: str) -> None:
    with pytest.raises(UsageError, match="--max-duration"):
        seconds_of(text, "--max-duration")
    assert seconds_of("1h.5m", "--max-duration") == 3630
