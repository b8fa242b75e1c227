"""The lowest or highest rate of requests that meets budgets, by bisection: more requests detect more, and fail more."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Meets = Callable[[float], bool]

# The bound is exact to this share: a random draw isn't more exact.
_PRECISION = 0.05
# How often a rate is doubled or halved in search of one that meets the budgets.
_DOUBLINGS = 8


def first_that_meets(rates: Sequence[float], meets: Meets) -> float | None:
    """The first rate that meets a budget, if all after it do, too; None if none does."""
    low, high = 0, len(rates)
    while low < high:
        middle = (low + high) // 2
        if meets(rates[middle]):
            high = middle
        else:
            low = middle + 1
    return rates[low] if low < len(rates) else None


def lowest_rate(below: float, above: float | None, meets: Meets) -> float | None:
    """The lowest rate that meets the budgets, rounded up; None if none was found.

    `below` doesn't meet them; `above` does, or is None: then higher rates are tried.
    """
    if above is None:
        start = below or 0.5
        for rate in (start * 2**doubling for doubling in range(1, _DOUBLINGS + 1)):
            if meets(rate):
                above = rate
                break
            below = rate
    if above is None:
        return None
    above = _bisected(below, above, meets)
    return _two_digits(above, math.ceil)


def highest_rate(below: float | None, above: float, meets: Meets) -> float | None:
    """The highest rate that meets the budgets, rounded down; None if none was found.

    `above` doesn't meet them; `below` does, or is None: then lower rates are tried.
    """
    if below is None:
        for _ in range(_DOUBLINGS):
            lower = above / 2
            if meets(lower):
                below = lower
                break
            above = lower
    if below is None:
        return None
    return _two_digits(_bisected(above, below, meets), math.floor)


def _bisected(bad: float, good: float, meets: Meets) -> float:
    """The rate next to `bad` that meets the budgets, as `good` does."""
    while abs(good - bad) > _PRECISION * max(good, bad):
        middle = (good + bad) / 2
        if meets(middle):
            good = middle
        else:
            bad = middle
    return good


def _two_digits(rate: float, rounded: Callable[[float], int]) -> float:
    """9.63 is 9.7 rounded up; a rate keeps the digits of a whole number below 100."""
    if not rate:
        return rate
    unit = 10.0 ** (math.floor(math.log10(rate)) - 1)
    # Without the rounding, 0.3 / 0.01 is a little less or more than 30.
    return float(f"{rounded(round(rate / unit, 6)) * unit:.6g}")
