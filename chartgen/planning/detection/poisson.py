"""The Poisson distribution: its probabilities, its tails, and seeded samples."""

from __future__ import annotations

import math
from bisect import bisect_right
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import random

# The probability beyond this many standard deviations plus this many counts is less than 1e-15.
_DEVIATIONS = 9
_COUNTS = 40
# From this mean on, rejection is faster than the sums of an inversion.
_LARGE_MEAN = 60.0


@lru_cache(maxsize=4096)
def support(mean: float) -> tuple[int, int]:
    """The counts, first and last, outside of which the probability is less than 1e-15."""
    margin = _DEVIATIONS * math.sqrt(mean) + _COUNTS if mean > 0 else 0
    return max(0, math.floor(mean - margin)), math.ceil(mean + margin)


@lru_cache(maxsize=512)
def probabilities(mean: float) -> tuple[int, tuple[float, ...]]:
    """(first count, probability of it and of each count after it) over `support`."""
    low, high = support(mean)
    if mean <= 0:
        return 0, (1.0,)
    peak = min(max(int(mean), low), high)
    at_peak = math.exp(peak * math.log(mean) - mean - math.lgamma(peak + 1))
    down, up = [at_peak], [at_peak]
    for count in range(peak, low, -1):
        down.append(down[-1] * count / mean)
    for count in range(peak + 1, high + 1):
        up.append(up[-1] * mean / count)
    return low, (*reversed(down), *up[1:])


@lru_cache(maxsize=512)
def _tail(mean: float) -> tuple[int, tuple[float, ...]]:
    """(first count, P(at least it), P(at least the next) …), summed from the smallest values."""
    low, each = probabilities(mean)
    return low, tuple(accumulate(reversed(each)))[::-1]


def at_least(count: int, mean: float) -> float:
    """P(X >= count)."""
    low, tail = _tail(mean)
    if count <= low:
        return 1.0
    return tail[count - low] if count - low < len(tail) else 0.0


def between(first: int, last: float, mean: float) -> float:
    """P(first <= X <= last); `last` may be infinite."""
    if last < first:
        return 0.0
    above = 0.0 if math.isinf(last) else at_least(int(last) + 1, mean)
    return max(0.0, at_least(first, mean) - above)


def quantile(share: float, mean: float) -> int:
    """The smallest count that isn't exceeded with probability `share`."""
    low, cumulative = _cumulative(mean)
    return low + bisect_right(cumulative, share, 0, len(cumulative) - 1)


def sample(rng: random.Random, mean: float) -> int:
    """One random count."""
    if mean <= 0:
        return 0
    return _sample_by_inversion(rng, mean) if mean < _LARGE_MEAN else _sample_by_rejection(rng, mean)


class Table(NamedTuple):
    """The cumulative probabilities `values` of `first` and the counts after it: a sample is a search in them."""

    first: int
    values: tuple[float, ...]
    last: int


def table_of(mean: float) -> Table | None:
    """The table from which `sample` samples; None for means of 0, and for large ones."""
    if not 0 < mean < _LARGE_MEAN:
        return None
    low, cumulative = _cumulative(mean)
    return Table(low, cumulative, len(cumulative) - 1)


def _sample_by_inversion(rng: random.Random, mean: float) -> int:
    """The first count whose cumulative probability exceeds a uniform number; means repeat, so their sums are kept."""
    low, cumulative = _cumulative(mean)
    return low + bisect_right(cumulative, rng.random(), 0, len(cumulative) - 1)


@lru_cache(maxsize=8192)
def _cumulative(mean: float) -> tuple[int, tuple[float, ...]]:
    """(first count, P(at most it), P(at most the next) …)."""
    low, each = probabilities(mean)
    return low, tuple(accumulate(each))


def _sample_by_rejection(rng: random.Random, mean: float) -> int:
    """Transformed rejection with squeeze (Hörmann 1993, PTRS), exact for means of at least 10."""
    b = 0.931 + 2.53 * math.sqrt(mean)
    a = -0.059 + 0.02483 * b
    inverse_alpha, squeeze = 1.1239 + 1.1328 / (b - 3.4), 0.9277 - 3.6224 / (b - 2)
    while True:
        u, v = rng.random() - 0.5, 1 - rng.random()
        left = 0.5 - abs(u)
        if left <= 0:
            continue
        count = math.floor((2 * a / left + b) * u + mean + 0.43)
        if left >= 0.07 and v <= squeeze:  # noqa: PLR2004 - constants of the method
            return count
        if count < 0 or (left < 0.013 and v > left):  # noqa: PLR2004
            continue
        bound = count * math.log(mean) - mean - math.lgamma(count + 1)
        if math.log(v * inverse_alpha / (a / (left * left) + b)) <= bound:
            return count
