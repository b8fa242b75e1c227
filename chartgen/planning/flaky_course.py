"""The exact course of a release with flaky checks: how it ends, the means, and the weights over time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chartgen.planning.markov_chain import FinalState

if TYPE_CHECKING:
    from chartgen.planning.markov_chain import ChainState, MarkovChain

_NEGLIGIBLE = 1e-12
_LOW, _HIGH = 0.05, 0.95
# The weights over time end when fewer rollouts than this share continue.
_UNFINISHED = 0.01


@dataclass(frozen=True, slots=True)
class BandPoint:
    """The canary's weight (percent) from `second` on: 5th percentile, mean and 95th percentile of all rollouts."""

    second: float
    low: float
    mean: float
    high: float


@dataclass(frozen=True, slots=True)
class FlakyCourse:
    """`final` has the probability of each final state. `promote_seconds` is the mean time of the rollouts that promote,
    None if none do; `exposure` is the mean of all rollouts (percent·minutes). `seconds` is where `band` ends.
    """

    final: dict[FinalState, float]
    promote_seconds: float | None
    exposure: float
    band: tuple[BandPoint, ...]
    seconds: float


@dataclass(slots=True)
class _Sums:
    """What adds up from tick to tick."""

    final: dict[FinalState, float] = field(default_factory=lambda: dict.fromkeys(FinalState, 0.0))
    promote_seconds: float = 0.0
    exposure: float = 0.0
    band: list[BandPoint] = field(default_factory=list)
    second: float = 0.0
    band_end: float | None = None


def flaky_course(chain: MarkovChain, probability: float) -> FlakyCourse:
    """Propagates from state to state; each check fails with `probability`."""
    sums, current = _Sums(), {0: 1.0}
    for _ in range(chain.max_ticks + 1):
        running = _without_final(chain, current, sums)
        _add_point(chain, running, sums)
        if not running:
            break
        current = _next(chain, running, probability, sums)
    promoted = sums.final[FinalState.PROMOTED]
    return FlakyCourse(
        final={state: min(1.0, mass) for state, mass in sums.final.items()},
        promote_seconds=sums.promote_seconds / promoted if promoted else None,
        exposure=sums.exposure,
        band=tuple(sums.band),
        seconds=sums.second if sums.band_end is None else sums.band_end,
    )


def _without_final(chain: MarkovChain, current: dict[int, float], sums: _Sums) -> dict[int, float]:
    running = {}
    for index, mass in current.items():
        final = chain.states[index].final
        if final is None:
            running[index] = mass
            continue
        sums.final[final] += mass
        if final is FinalState.PROMOTED:
            sums.promote_seconds += mass * sums.second
    return running


def _add_point(chain: MarkovChain, running: dict[int, float], sums: _Sums) -> None:
    """A point if the weights differ from the previous one. Rollouts that have ended have weight 0."""
    if sums.band_end is not None or (all(not chain.states[index].seconds for index in running) and running):
        return
    low, mean, high = _spread(chain, running)
    if not sums.band or (sums.band[-1].low, sums.band[-1].mean, sums.band[-1].high) != (low, mean, high):
        sums.band.append(BandPoint(sums.second, low, mean, high))
    if sum(running.values()) < _UNFINISHED:
        sums.band_end = sums.second


def _spread(chain: MarkovChain, running: dict[int, float]) -> tuple[float, float, float]:
    """Both percentiles and the mean of the weights."""
    masses: dict[float, float] = {0.0: 1 - sum(running.values())}
    for index, mass in running.items():
        weight = chain.states[index].weight
        masses[weight] = masses.get(weight, 0.0) + mass
    found, below = {}, 0.0
    for weight in sorted(masses):
        below += masses[weight]
        for share in (_LOW, _HIGH):
            if share not in found and below >= share - _NEGLIGIBLE:
                found[share] = weight
    mean = sum(weight * mass for weight, mass in masses.items())
    highest = max(masses)
    return found.get(_LOW, highest), mean, found.get(_HIGH, highest)


def _next(chain: MarkovChain, running: dict[int, float], probability: float, sums: _Sums) -> dict[int, float]:
    following: dict[int, float] = {}
    for index, mass in running.items():
        state: ChainState = chain.states[index]
        sums.exposure += mass * state.user_share * state.seconds * 100 / 60
        failure = probability if state.checked else 0.0
        following[state.passed] = following.get(state.passed, 0.0) + mass * (1 - failure)
        following[state.failed] = following.get(state.failed, 0.0) + mass * failure
    sums.second += max(chain.states[index].seconds for index in running)
    return {index: mass for index, mass in following.items() if mass > _NEGLIGIBLE}
