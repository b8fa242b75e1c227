"""The exact distribution of one tick: the bad requests of users since the last tick, jointly with the check result.

The bad and the good requests of a Poisson stream are independent Poisson streams (thinning). For each number of bad
requests in the window, the result therefore depends on a tail of the good ones. See docs/detection.md.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from chartgen.planning.detection import poisson
from chartgen.planning.detection.checks import Check

if TYPE_CHECKING:
    from chartgen.planning.detection.model import DetectionModel
    from chartgen.planning.markov_chain import ChainState


class TickDistribution(NamedTuple):
    """`passed[i]` and `failed[i]`: the probability of `low + i` bad requests together with that result."""

    low: int
    passed: tuple[float, ...]
    failed: tuple[float, ...]

    @property
    def pass_probability(self) -> float:
        return min(1.0, math.fsum(self.passed))


class _Windows(NamedTuple):
    """All checks as two conditions: a ratio over `ratio.window`, and any request in the last `filled` seconds."""

    ratio: Check
    filled: float


def is_exact(model: DetectionModel, interval: float) -> bool:
    """Whether ticks are independent of each other and the distribution of one tick has a closed form."""
    traffic, checks = model.traffic, model.checks
    if any(model.has_no_value(check.kind) for check in checks):
        return True
    if traffic.scrape_seconds or traffic.synthetic_rps or any(check.window > interval for check in checks):
        return False
    if traffic.both_versions and model.release.baseline:
        return False
    if model.release.bad_share(model.other_kind) and any(check.kind == model.other_kind for check in checks):
        return False
    return len({check.window for check in checks if check.kind == model.counted_kind}) <= 1


def tick_distribution(model: DetectionModel, state: ChainState) -> TickDistribution:
    """The distribution of the tick that ends `state`."""
    bad_share, user_rps = model.counted_share, model.traffic.user_rps
    bad_rps = user_rps * state.user_share * bad_share
    if not state.checked or not model.checks:
        return _certain(bad_rps * state.seconds, passed=True)
    measured_rps, primary_rps = user_rps * state.measured_share, model.primary_rps(state.user_share)
    if measured_rps + primary_rps <= 0 or any(model.has_no_value(check.kind) for check in model.checks):
        return _certain(bad_rps * state.seconds, passed=False)
    windows = _windows(model)
    in_window = _window_distribution(windows, measured_rps * bad_share, measured_rps * (1 - bad_share) + primary_rps)
    if state.user_share <= 0:
        pass_probability = min(1.0, math.fsum(in_window.passed))
        return TickDistribution(0, (pass_probability,), (1 - pass_probability,))
    return _with_earlier_requests(in_window, bad_rps * (state.seconds - windows.ratio.window))


def _windows(model: DetectionModel) -> _Windows:
    ratios = [check for check in model.checks if check.kind == model.counted_kind]
    shortest = min(check.window for check in model.checks)
    if not ratios:
        return _Windows(Check(model.counted_kind, shortest, Fraction(0)), shortest)
    combined = ratios[0]._replace(low=max(check.low for check in ratios), high=min(check.high for check in ratios))
    return _Windows(combined, shortest)


def _window_distribution(windows: _Windows, bad_rps: float, good_rps: float) -> TickDistribution:
    """Bad requests within the window of the ratio, and the result of all checks.

    If another check has a shorter window, subtracts the cases in which that window is empty: all requests then fall
    into the time before it.
    """
    check, filled = windows.ratio, windows.filled
    low, bad = poisson.probabilities(bad_rps * check.window)
    good_mean = good_rps * check.window
    passed = [p * poisson.between(*check.good_range(low + i), good_mean) for i, p in enumerate(bad)]
    if filled < check.window:
        earlier = check.window - filled
        empty = math.exp(-(bad_rps + good_rps) * filled)
        earlier_low, earlier_bad = poisson.probabilities(bad_rps * earlier)
        for count, p in enumerate(earlier_bad, start=earlier_low):
            if low <= count < low + len(passed):
                subtracted = p * empty * poisson.between(*check.good_range(count), good_rps * earlier)
                passed[count - low] = max(0.0, passed[count - low] - subtracted)
    return TickDistribution(low, tuple(passed), tuple(max(0.0, p - q) for p, q in zip(bad, passed, strict=True)))


def _certain(mean: float, *, passed: bool) -> TickDistribution:
    low, probabilities = poisson.probabilities(mean)
    zeros = (0.0,) * len(probabilities)
    return TickDistribution(low, probabilities, zeros) if passed else TickDistribution(low, zeros, probabilities)


def _with_earlier_requests(in_window: TickDistribution, mean: float) -> TickDistribution:
    """The bad requests before the window starts are independent of the result."""
    if mean <= 0:
        return in_window
    low, earlier = poisson.probabilities(mean)
    return TickDistribution(
        in_window.low + low,
        tuple(convolved(in_window.passed, earlier)),
        tuple(convolved(in_window.failed, earlier)),
    )


def convolved(left: tuple[float, ...] | list[float], right: tuple[float, ...] | list[float]) -> list[float]:
    """The distribution of the sum of two independent counts."""
    short, long = (left, right) if len(left) <= len(right) else (right, left)
    result = [0.0] * (len(short) + len(long) - 1)
    width = len(long)
    for start, weight in enumerate(short):
        if weight > 0:
            target = result[start : start + width]
            result[start : start + width] = [total + weight * value for total, value in zip(target, long, strict=True)]
    return result
