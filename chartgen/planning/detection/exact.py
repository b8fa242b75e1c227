"""The exact outcome of a rollout: propagates probabilities through its states, tick by tick."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from chartgen.planning.detection.tick_distribution import TickDistribution, convolved, tick_distribution
from chartgen.planning.markov_chain import FinalState

if TYPE_CHECKING:
    from chartgen.planning.detection.model import DetectionModel
    from chartgen.planning.markov_chain import ChainState, MarkovChain

# A smaller probability isn't propagated.
_NEGLIGIBLE = 1e-12
# The quantile needs less precision: leaving this much out doesn't change the count.
_NEGLIGIBLE_FOR_QUANTILE = 1e-7
# The distribution of the bad requests has at most about this many bins.
_MAX_BINS = 480


class OutcomeDistribution(NamedTuple):
    """The probabilities of a release's outcomes, and the bad requests that users meet until then.

    `rollback_seconds` is the mean time from the first request on the new version to the rollback, given a rollback.
    `bin_width` is the resolution of `bad_p95`: 1 if it is exact. `rollouts`: how many were drawn, None for a formula.
    """

    rolled_back: float
    promoted: float
    bad_mean: float
    bad_p95: float
    rollback_seconds: float | None
    bin_width: int = 1
    rollouts: int | None = None

    @property
    def standard_error(self) -> float | None:
        """Of `rolled_back`; None if it is exact. One rollout more of either kind keeps it above 0."""
        if self.rollouts is None:
            return None
        share = (self.rolled_back * self.rollouts + 1) / (self.rollouts + 2)
        return math.sqrt(share * (1 - share) / self.rollouts)

    @property
    def undecided(self) -> float:
        return max(0.0, 1 - self.rolled_back - self.promoted)


class _Occupancy(NamedTuple):
    """The states at a tick, by index: probability, mean seconds under traffic, largest mean number of bad requests."""

    mass: dict[int, float]
    seconds: dict[int, float]
    max_bad: dict[int, float]


def outcome_distribution(chain: MarkovChain, model: DetectionModel) -> OutcomeDistribution:
    """Exact if `tick_distribution.is_exact`."""
    distributions = _TickDistributions(chain, model)
    final_mass: dict[FinalState, float] = dict.fromkeys(FinalState, 0.0)
    bad_mean, weighted_seconds, max_bad = 0.0, 0.0, 0.0
    current = _Occupancy({0: 1.0}, {0: 0.0}, {0: 0.0})
    ending = chain.ending_states()
    for _ in range(chain.max_ticks):
        bad_mean += math.fsum(mass * distributions.bad_mean(index) for index, mass in current.mass.items())
        current = _following(chain, distributions, current)
        for index in [index for index in current.mass if chain.states[index].final]:
            final, mass = chain.states[index].final, current.mass.pop(index)
            if final is not None:
                final_mass[final] += mass
            max_bad = max(max_bad, current.max_bad[index])
            weighted_seconds += mass * current.seconds[index] if final is FinalState.ROLLED_BACK else 0.0
        if math.fsum(mass for index, mass in current.mass.items() if index in ending) < _NEGLIGIBLE:
            break
    max_bad = max([max_bad, *(current.max_bad[index] for index in current.mass)])
    rolled_back = min(1.0, final_mass[FinalState.ROLLED_BACK])
    bin_width = max(1, math.ceil((max_bad + 6 * math.sqrt(max_bad)) / _MAX_BINS))
    return OutcomeDistribution(
        rolled_back=rolled_back,
        promoted=min(1.0, final_mass[FinalState.PROMOTED]),
        bad_mean=bad_mean,
        bad_p95=_quantile(chain, distributions, bin_width, 0.95) if max_bad > 0 else 0.0,
        rollback_seconds=weighted_seconds / rolled_back if rolled_back > _NEGLIGIBLE else None,
        bin_width=bin_width,
    )


class _TickDistributions:
    """The tick distribution of each state. Computes each once; equal states share it."""

    def __init__(self, chain: MarkovChain, model: DetectionModel) -> None:
        self._states = chain.states
        self._model = model
        self._cache: dict[tuple[float, float, float, bool], TickDistribution] = {}

    def of(self, index: int) -> TickDistribution:
        state = self._states[index]
        key = (state.user_share, state.measured_share, state.seconds, state.checked)
        if key not in self._cache:
            self._cache[key] = tick_distribution(self._model, state)
        return self._cache[key]

    def bad_mean(self, index: int) -> float:
        """The mean number of bad requests that users meet in the state."""
        state, model = self._states[index], self._model
        return model.traffic.user_rps * state.user_share * model.counted_share * state.seconds


def seconds_under_traffic(elapsed: float, state: ChainState) -> float:
    """The clock of `rollback_seconds`: starts with the first request, or with the first check if there are none."""
    started = elapsed > 0 or state.user_share > 0 or state.measured_share > 0 or state.checked
    return elapsed + state.seconds if started else 0.0


def _transitions(state: ChainState, distribution: TickDistribution) -> list[tuple[int, float]]:
    """The indexes of the next states with their probabilities."""
    if not state.checked or state.passed == state.failed:
        return [(state.passed, 1.0)]
    probability = distribution.pass_probability
    return [(state.passed, probability), (state.failed, 1 - probability)]


def _following(chain: MarkovChain, distributions: _TickDistributions, current: _Occupancy) -> _Occupancy:
    following = _Occupancy({}, {}, {})
    for index, mass in current.mass.items():
        state = chain.states[index]
        seconds = seconds_under_traffic(current.seconds[index], state)
        max_bad = current.max_bad[index] + distributions.bad_mean(index)
        for target, probability in _transitions(state, distributions.of(index)):
            added = mass * probability
            if added < _NEGLIGIBLE:
                continue
            before = following.mass.get(target, 0.0)
            following.mass[target] = before + added
            weighted = before * following.seconds.get(target, 0.0) + added * seconds
            following.seconds[target] = weighted / (before + added)
            following.max_bad[target] = max(following.max_bad.get(target, 0.0), max_bad)
    return following


def _quantile(chain: MarkovChain, distributions: _TickDistributions, bin_width: int, share: float) -> float:
    """The smallest number of bad requests that isn't exceeded with probability `share`."""
    ending = chain.ending_states()
    binned = _BinnedDistributions(distributions, bin_width)
    current: dict[int, list[float]] = {0: [1.0]}
    total: list[float] = []
    for _ in range(chain.max_ticks):
        following: dict[int, list[float]] = {}
        for index, bins in current.items():
            state = chain.states[index]
            passed, failed = binned.of(index)
            if state.passed == state.failed:
                _add(following, state.passed, convolved(bins, [p + q for p, q in zip(passed, failed, strict=True)]))
            else:
                _add(following, state.passed, convolved(bins, passed))
                _add(following, state.failed, convolved(bins, failed))
        current = {}
        for index, bins in following.items():
            if chain.states[index].final or index not in ending:
                total = _sum(total, bins)
            elif math.fsum(bins) > _NEGLIGIBLE_FOR_QUANTILE:
                current[index] = _trimmed(bins)
        if not current:
            break
    for bins in current.values():
        total = _sum(total, bins)
    return float(_quantile_bin(total, share) * bin_width)


class _BinnedDistributions:
    """Tick distributions in bins of equal width. A count between two bins is split between them, keeping the mean."""

    def __init__(self, distributions: _TickDistributions, bin_width: int) -> None:
        self._distributions, self._bin_width = distributions, bin_width
        self._cache: dict[int, tuple[list[float], list[float]]] = {}

    def of(self, index: int) -> tuple[list[float], list[float]]:
        """The bins of a passed and of a failed check."""
        distribution = self._distributions.of(index)
        if id(distribution) not in self._cache:
            low = distribution.low
            self._cache[id(distribution)] = (self._bins(low, distribution.passed), self._bins(low, distribution.failed))
        return self._cache[id(distribution)]

    def _bins(self, low: int, probabilities: tuple[float, ...]) -> list[float]:
        bins = [0.0] * ((low + len(probabilities)) // self._bin_width + 2)
        for count, probability in enumerate(probabilities, start=low):
            position, rest = divmod(count, self._bin_width)
            share = rest / self._bin_width
            bins[position] += probability * (1 - share)
            bins[position + 1] += probability * share
        return bins


def _add(following: dict[int, list[float]], target: int, bins: list[float]) -> None:
    following[target] = _sum(following[target], bins) if target in following else bins


def _sum(left: list[float], right: list[float]) -> list[float]:
    short, long = sorted((left, right), key=len)
    return [*(a + b for a, b in zip(short, long[: len(short)], strict=True)), *long[len(short) :]]


def _trimmed(bins: list[float]) -> list[float]:
    length = len(bins)
    while length > 1 and bins[length - 1] < _NEGLIGIBLE:
        length -= 1
    return bins[:length]


def _quantile_bin(bins: list[float], share: float) -> int:
    cumulative, goal = 0.0, share * math.fsum(bins)
    for position, probability in enumerate(bins):
        cumulative += probability
        if cumulative >= goal:
            return position
    return max(0, len(bins) - 1)
