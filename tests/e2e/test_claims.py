"""A rule that says Flagger misbehaves is right: its Bad examples do on Flagger what the page says, its Good ones do not."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.claims import CLAIMS, examples, play_all

CASES = [pytest.param(rule, which, number, id=f"{rule}-{which}-{number}") for rule, which, number, _ in examples()]


@pytest.mark.parametrize(("rule", "which", "number"), CASES)
@pytest.mark.story.with_args(play_all)
def test_the_page_is_right(rule: str, which: str, number: int, story: Any) -> None:
    if (rule, which, number) not in story:
        pytest.skip("the API server refuses the objects around the Canary")
    play = story[rule, which, number]
    assert CLAIMS[rule].holds(play) == (which == "bad"), (play.refused, play.warnings, play.events[-12:])
