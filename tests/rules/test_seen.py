"""What a page says was seen on real Flagger can be looked up: recordings by name, examples that are played."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from chartgen.rules.page import page_of
from chartgen.rules.registry import all_rules
from tests.e2e.claims import CLAIMS

RECORDINGS = {path.stem for path in (Path(__file__).parents[2] / "fixtures" / "recordings").glob("*.json")}
_NAMED = re.compile(r"recordings? ((?:`[\w-]+`(?:, | and )?)+)")
PAGES = {rule.id: page_of(rule).markdown for rule in all_rules()}


def test_recordings_that_pages_name_are_there() -> None:
    named = {
        name for page in PAGES.values() for told in _NAMED.findall(page) for name in re.findall(r"`([\w-]+)`", told)
    }
    assert len(named) >= 10
    assert named <= RECORDINGS


@pytest.mark.parametrize("rule", CLAIMS)
def test_a_rule_whose_examples_are_played_says_so(rule: str) -> None:
    assert "Seen on Flagger 1.44.0: `tests/e2e/test_claims.py`" in PAGES[rule]


def test_no_other_rule_says_so() -> None:
    assert {rule for rule, page in PAGES.items() if "tests/e2e/test_claims.py" in page} == set(CLAIMS)
