"""With requests that are counted and a real Prometheus that is asked, Flagger decides as with the scripted answers."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.e2e.measured import FAULTS, upgrade
from tests.e2e.release import HELMS

CASES = [pytest.param(how, id=how, marks=pytest.mark.story(upgrade, HELMS[0], how)) for how in FAULTS]
HALTS = {"failing": r"advancement success rate (\d+\.\d+)% < 99%", "slow": r"advancement request duration (.+) > 500ms"}


@pytest.mark.parametrize("how", CASES)
def test_what_users_meet_decides(how: str, story: Any) -> None:
    halts = [text for text in story if text.startswith("Halt ")]
    if how == "well":
        assert halts == []
        assert story[-1].startswith("Promotion completed!")
        assert [text.rpartition(" ")[2] for text in story if text.startswith("Advance")] == [
            "10",
            "20",
            "30",
            "40",
            "50",
        ]
    else:
        assert len(halts) == 2
        assert all(re.search(HALTS[how], halt) for halt in halts)
        assert story[-1].startswith("Canary failed!")


@pytest.mark.story(upgrade, HELMS[0], "failing")
def test_flagger_measures_the_success_rate(story: Any) -> None:
    rates = [float(match[1]) for text in story if (match := re.search(HALTS["failing"], text))]
    assert rates == pytest.approx([80.0, 80.0], abs=1.0)
