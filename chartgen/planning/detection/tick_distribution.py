"""The exact law of one tick: how many bad requests users met since the last one, jointly with the checks' answer.

Bad and good requests of a Poisson stream are independent Poisson streams themselves (thinning), so that for every
number k of bad requests in the window the answer hangs on one tail of the good ones. See docs/detection.md.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from chartgen.planning.detection import poisson
from chartgen.planning.detection.checks import Check

if TYPE_CHECKING:
    from chartgen.planning.detection.model import DetectionModel
    from chartgen.planning.markov_chain import ChainState


@dataclass(frozen=True, slots=True)
class TickDistribution:
    """`passed[i]` and `failed[i]`: the probability of `low + i` bad requests together with that answer."""

    low: int
    passed: tuple[float, ...]
    failed: tuple[float, ...]

    @property
    def pass_probability(self) -> float:
        return min(1.0, math.fsum(self.passed))


@dataclass(frozen=True, slots=True)
class _Windows:
    """All checks as two: one that looks at bad requests in `ratio.window`, one that wants any request in `filled`."""

    ratio: Check
    filled: float


def is_exact(question: DetectionModel, interval: float) -> bool:
    """Whether ticks are independent of each other and one tick's law has a closed form."""
    traffic, checks = question.traffic, question.checks
    if traffic.scrape or traffic.synthetic or any(check.window > interval for check in checks):
        return False
    if question.release.bad(question.other) and any(check.kind == question.other for check in checks):
        return False
    return len({check.window for check in checks if check.kind == question.counts}) <= 1


def tick_law(question: DetectionModel, stand: ChainState) -> TickDistribution:
    """The law of the tick that ends `stand`."""
    share, traffic = question.release.bad(question.counts), question.traffic
    met = traffic.users * stand.users * share
    if not stand.checked or not question.checks:
        return _certain(met * stand.seconds, passed=True)
    heard = traffic.users * stand.heard
    if heard <= 0 or any(question.blind(check.kind) for check in question.checks):
        return _certain(met * stand.seconds, passed=False)
    windows = _windows(question)
    inside = _window_law(windows, heard, share)
    if stand.users <= 0:
        chance = min(1.0, math.fsum(inside.passed))
        return TickDistribution(0, (chance,), (1 - chance,))
    return _with_rest(inside, met * (stand.seconds - windows.ratio.window))


def _windows(question: DetectionModel) -> _Windows:
    ratios = [check for check in question.checks if check.kind == question.counts]
    shortest = min(check.window for check in question.checks)
    if not ratios:
        return _Windows(Check(question.counts, shortest, Fraction(0)), shortest)
    both = replace(ratios[0], low=max(c.low for c in ratios), high=min(c.high for c in ratios))
    return _Windows(both, shortest)


def _window_law(windows: _Windows, heard: float, share: float) -> TickDistribution:
    """Bad requests within the ratio's window, and the answer of all checks.

    Where another check has a shorter window, the cases in which that one is empty are taken off: all requests then
    fell into the part before it.
    """
    check, filled = windows.ratio, windows.filled
    low, bad = poisson.weights(heard * check.window * share)
    good = heard * check.window * (1 - share)
    passed = [p * poisson.between(*check.good_range(low + i), good) for i, p in enumerate(bad)]
    if filled < check.window:
        before = heard * (check.window - filled)
        empty = math.exp(-heard * filled)
        first, earlier = poisson.weights(before * share)
        for count, p in enumerate(earlier, start=first):
            if low <= count < low + len(passed):
                off = p * empty * poisson.between(*check.good_range(count), before * (1 - share))
                passed[count - low] = max(0.0, passed[count - low] - off)
    return TickDistribution(low, tuple(passed), tuple(max(0.0, p - q) for p, q in zip(bad, passed, strict=True)))


def _certain(mean: float, *, passed: bool) -> TickDistribution:
    low, probabilities = poisson.weights(mean)
    nothing = (0.0,) * len(probabilities)
    return TickDistribution(low, probabilities, nothing) if passed else TickDistribution(low, nothing, probabilities)


def _with_rest(inside: TickDistribution, mean: float) -> TickDistribution:
    """The bad requests before the window began are independent of the answer."""
    if mean <= 0:
        return inside
    low, rest = poisson.weights(mean)
    return TickDistribution(
        inside.low + low, tuple(convolved(inside.passed, rest)), tuple(convolved(inside.failed, rest))
    )


def convolved(one: tuple[float, ...] | list[float], other: tuple[float, ...] | list[float]) -> list[float]:
    """The law of a sum of two independent counts."""
    short, long = (one, other) if len(one) <= len(other) else (other, one)
    result = [0.0] * (len(short) + len(long) - 1)
    width = len(long)
    for start, weight in enumerate(short):
        if weight > 0:
            there = result[start : start + width]
            result[start : start + width] = [held + weight * value for held, value in zip(there, long, strict=True)]
    return result
