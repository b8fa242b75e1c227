"""The exact answer: probability walks the states of a rollout, tick after tick."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chartgen.planning.detection.tick_distribution import TickDistribution, convolved, tick_law
from chartgen.planning.markov_chain import End

if TYPE_CHECKING:
    from chartgen.planning.detection.model import DetectionModel
    from chartgen.planning.markov_chain import ChainState, MarkovChain

# Less probability than this is not walked on.
_NOTHING = 1e-12
# A quantile needs less: what is left out of it moves it by no count.
_LITTLE = 1e-7
# The law of the bad requests is held in at most about so many cells.
_CELLS = 480


@dataclass(frozen=True, slots=True)
class OutcomeDistribution:
    """How a release ends: probabilities, and the bad requests users meet until then.

    `rollback_seconds` is the mean time from the first request on the new version to the rollback, given there is one.
    `cell` is the width of the cells in which `bad_p95` was found: 1 where it is exact.
    """

    rolled_back: float
    promoted: float
    bad_mean: float
    bad_p95: float
    rollback_seconds: float | None
    cell: int = 1

    @property
    def undecided(self) -> float:
        return max(0.0, 1 - self.rolled_back - self.promoted)


@dataclass(frozen=True, slots=True)
class _Tick:
    """Where probability states at a tick: per stand its mass, the mean seconds under traffic, the most bad requests."""

    mass: dict[int, float]
    seconds: dict[int, float]
    most: dict[int, float]


def fate(chain: MarkovChain, question: DetectionModel) -> OutcomeDistribution:
    """The exact fate where `law.is_exact`."""
    laws = _Laws(chain, question)
    ended: dict[End, float] = dict.fromkeys(End, 0.0)
    mean, weighted, most = 0.0, 0.0, 0.0
    now = _Tick({0: 1.0}, {0: 0.0}, {0: 0.0})
    for _ in range(chain.longest):
        mean += math.fsum(mass * laws.mean(at) for at, mass in now.mass.items())
        now = _next(chain, laws, now)
        for at in [at for at in now.mass if chain.states[at].end]:
            end, mass = chain.states[at].end, now.mass.pop(at)
            if end is not None:
                ended[end] += mass
            most = max(most, now.most[at])
            weighted += mass * now.seconds[at] if end is End.ROLLED_BACK else 0.0
        if math.fsum(now.mass.values()) < _NOTHING:
            break
    most = max([most, *(now.most[at] for at in now.mass)])
    back = min(1.0, ended[End.ROLLED_BACK])
    cell = max(1, math.ceil((most + 6 * math.sqrt(most)) / _CELLS))
    p95 = _quantile(chain, laws, cell, 0.95) if most > 0 else 0.0
    return OutcomeDistribution(
        back, min(1.0, ended[End.PROMOTED]), mean, p95, weighted / back if back > _NOTHING else None, cell
    )


class _Laws:
    """The law of each stand's tick, found once; states alike share it."""

    def __init__(self, chain: MarkovChain, question: DetectionModel) -> None:
        self._stands = chain.states
        self._question = question
        self._found: dict[tuple[float, float, float, bool], TickDistribution] = {}

    def of(self, at: int) -> TickDistribution:
        stand = self._stands[at]
        key = (stand.users, stand.heard, stand.seconds, stand.checked)
        if key not in self._found:
            self._found[key] = tick_law(self._question, stand)
        return self._found[key]

    def mean(self, at: int) -> float:
        """Bad requests users meet in the stand, on average."""
        stand, question = self._stands[at], self._question
        return question.traffic.users * stand.users * question.release.bad(question.counts) * stand.seconds


def seconds_under_traffic(before: float, stand: ChainState) -> float:
    """The clock of `rollback_seconds`: it starts with the first request, or the first check where none ever comes."""
    return before + stand.seconds if before > 0 or stand.users > 0 or stand.heard > 0 or stand.checked else 0.0


def _ways(stand: ChainState, law: TickDistribution) -> list[tuple[int, float]]:
    if not stand.checked or stand.passed == stand.failed:
        return [(stand.passed, 1.0)]
    chance = law.pass_probability
    return [(stand.passed, chance), (stand.failed, 1 - chance)]


def _next(chain: MarkovChain, laws: _Laws, now: _Tick) -> _Tick:
    after = _Tick({}, {}, {})
    for at, mass in now.mass.items():
        stand = chain.states[at]
        under_traffic = seconds_under_traffic(now.seconds[at], stand)
        most = now.most[at] + laws.mean(at)
        for to, chance in _ways(stand, laws.of(at)):
            part = mass * chance
            if part < _NOTHING:
                continue
            held = after.mass.get(to, 0.0)
            after.mass[to] = held + part
            after.seconds[to] = (held * after.seconds.get(to, 0.0) + part * under_traffic) / (held + part)
            after.most[to] = max(after.most.get(to, 0.0), most)
    return after


def _quantile(chain: MarkovChain, laws: _Laws, cell: int, wanted: float) -> float:
    """The smallest number of bad requests not exceeded with probability `wanted`."""
    coarse = _Coarse(laws, cell)
    now: dict[int, list[float]] = {0: [1.0]}
    total: list[float] = []
    for _ in range(chain.longest):
        after: dict[int, list[float]] = {}
        for at, held in now.items():
            stand = chain.states[at]
            ways = coarse.of(at)
            if stand.passed == stand.failed:
                _add(after, stand.passed, convolved(held, [p + q for p, q in zip(*ways, strict=True)]))
            else:
                _add(after, stand.passed, convolved(held, ways[0]))
                _add(after, stand.failed, convolved(held, ways[1]))
        now = {}
        for at, held in after.items():
            if chain.states[at].end:
                total = _sum(total, held)
            elif math.fsum(held) > _LITTLE:
                now[at] = _trimmed(held)
        if not now:
            break
    for held in now.values():
        total = _sum(total, held)
    return float(_at(total, wanted) * cell)


class _Coarse:
    """Laws on cells of some width; a count between two cells is shared between them, so that means stay."""

    def __init__(self, laws: _Laws, cell: int) -> None:
        self._laws, self._cell = laws, cell
        self._found: dict[int, tuple[list[float], list[float]]] = {}

    def of(self, at: int) -> tuple[list[float], list[float]]:
        law = self._laws.of(at)
        if id(law) not in self._found:
            self._found[id(law)] = (self._celled(law.low, law.passed), self._celled(law.low, law.failed))
        return self._found[id(law)]

    def _celled(self, low: int, probabilities: tuple[float, ...]) -> list[float]:
        cells = [0.0] * ((low + len(probabilities)) // self._cell + 2)
        for count, probability in enumerate(probabilities, start=low):
            at, rest = divmod(count, self._cell)
            share = rest / self._cell
            cells[at] += probability * (1 - share)
            cells[at + 1] += probability * share
        return cells


def _add(after: dict[int, list[float]], to: int, held: list[float]) -> None:
    after[to] = _sum(after[to], held) if to in after else held


def _sum(one: list[float], other: list[float]) -> list[float]:
    short, long = sorted((one, other), key=len)
    return [*(a + b for a, b in zip(short, long[: len(short)], strict=True)), *long[len(short) :]]


def _trimmed(held: list[float]) -> list[float]:
    last = len(held)
    while last > 1 and held[last - 1] < _NOTHING:
        last -= 1
    return held[:last]


def _at(law: list[float], wanted: float) -> int:
    reached, goal = 0.0, wanted * math.fsum(law)
    for cell, probability in enumerate(law):
        reached += probability
        if reached >= goal:
            return cell
    return max(0, len(law) - 1)
