"""Every strategy, gate and hook that a chart's values can ask for does on Flagger what it is there for."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.release import HELMS
from tests.e2e.shapes import SHAPES, expected_steps, play

CASES = [
    pytest.param(name, id=name, marks=pytest.mark.story(play, HELMS[number % len(HELMS)], name))
    for number, name in enumerate(SHAPES)
]


@pytest.mark.parametrize("name", CASES)
def test_the_rollout_follows_the_expected_steps(name: str, story: Any) -> None:
    expected = expected_steps(SHAPES[name], story)
    assert [text for text in story.events if text in expected] == expected, story.release.account()
    ends = "Canary failed!" if name == "rollback-hook" else "Promotion completed!"
    assert any(text.startswith(ends) for text in story.events)
    assert story.fewest >= 2


@pytest.mark.parametrize("name", [case for case in CASES if case.id == "gates"])
def test_hooks_are_called_in_order(name: str, story: Any) -> None:
    assert list(dict.fromkeys(story.calls)) == ["confirm-rollout", "pre-rollout", "confirm-promotion", "post-rollout"]
