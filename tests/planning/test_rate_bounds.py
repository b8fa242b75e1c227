"""The lowest and the highest rate of requests that meets budgets."""

from __future__ import annotations

import pytest

from chartgen.planning.rate_bounds import first_that_meets, highest_rate, lowest_rate


def test_the_first_rate_of_a_list() -> None:
    assert first_that_meets([1, 2, 4, 8], lambda rate: rate >= 3) == 4
    assert first_that_meets([8, 4, 2, 1], lambda rate: rate <= 3) == 2
    assert first_that_meets([1, 2], lambda rate: rate >= 3) is None


@pytest.mark.parametrize("limit", [0.037, 0.9, 9.4, 10.0, 38.0, 39.9])
def test_the_lowest_rate_is_between_two_of_them(limit: float) -> None:
    found = lowest_rate(0.0, 40.0, lambda rate: rate >= limit)
    assert found is not None
    assert limit <= found <= limit * 1.16


@pytest.mark.parametrize("limit", [41.0, 90.0, 5000.0])
def test_higher_rates_are_tried_if_none_suffices(limit: float) -> None:
    found = lowest_rate(40.0, None, lambda rate: rate >= limit)
    assert found is not None
    assert limit <= found <= limit * 1.16


def test_a_budget_that_no_rate_meets_has_no_lowest_one() -> None:
    tried: list[float] = []

    def never(rate: float) -> bool:
        tried.append(rate)
        return False

    assert lowest_rate(40.0, None, never) is None
    assert len(tried) < 10
    assert lowest_rate(0.0, None, lambda rate: rate >= 3) is not None
    assert highest_rate(None, 40.0, never) is None


@pytest.mark.parametrize("limit", [0.9, 9.4, 23.0, 39.0])
def test_the_highest_rate_is_rounded_down(limit: float) -> None:
    for below in (0.5, None):
        found = highest_rate(below, 40.0, lambda rate: rate <= limit)
        assert found is not None
        assert limit / 1.16 <= found <= limit
