"""Many rollouts under flaky checks: how often they promote, how long they take, what they expose."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chartgen.planning.markov_chain import End

if TYPE_CHECKING:
    from chartgen.planning.markov_chain import MarkovChain

_NOTHING = 1e-12


@dataclass(frozen=True, slots=True)
class Percentiles:
    """The 5th, 50th and 95th percentile."""

    p5: float
    p50: float
    p95: float


@dataclass(frozen=True, slots=True)
class Spread:
    """What chance makes of a scenario. `promoted` and `rolled_back` are exact; the percentiles come from `runs` draws.

    `promote_seconds` counts the runs that promote, None where none did; `exposure` (percent·minutes) all runs.
    """

    promoted: float
    rolled_back: float
    promote_seconds: Percentiles | None
    exposure: Percentiles
    runs: int


@dataclass(frozen=True, slots=True)
class _Run:
    end: End | None
    seconds: float
    exposure: float


def spread(chain: MarkovChain, probability: float, *, runs: int, seed: int) -> Spread:
    """Rollouts whose every check fails with `probability`; the same seed draws the same runs."""
    ends = end_probabilities(chain, probability)
    done = draw_runs(chain, probability, runs=runs, seed=seed)
    promoted = [run.seconds for run in done if run.end is End.PROMOTED]
    return Spread(
        promoted=ends[End.PROMOTED],
        rolled_back=ends[End.ROLLED_BACK],
        promote_seconds=percentiles(promoted) if promoted else None,
        exposure=percentiles([run.exposure for run in done]),
        runs=runs,
    )


def end_probabilities(chain: MarkovChain, probability: float) -> dict[End, float]:
    """The exact probability of each end: mass walks from stand to stand."""
    ends: dict[End, float] = dict.fromkeys(End, 0.0)
    mass = {0: 1.0}
    for _ in range(chain.longest + 1):
        after: dict[int, float] = {}
        for at, held in mass.items():
            stand = chain.states[at]
            if stand.end:
                ends[stand.end] += held
                continue
            chance = probability if stand.checked else 0.0
            after[stand.passed] = after.get(stand.passed, 0.0) + held * (1 - chance)
            after[stand.failed] = after.get(stand.failed, 0.0) + held * chance
        mass = {at: held for at, held in after.items() if held > _NOTHING}
        if not mass:
            break
    return {end: min(1.0, chance) for end, chance in ends.items()}


def draw_runs(chain: MarkovChain, probability: float, *, runs: int, seed: int) -> list[_Run]:
    """Single rollouts, each from detection to its end."""
    rng = random.Random(seed)  # noqa: S311 - a simulation, not a secret
    return [_draw(chain, probability, rng) for _ in range(runs)]


def _draw(chain: MarkovChain, probability: float, rng: random.Random) -> _Run:
    at, seconds, exposed = 0, 0.0, 0.0
    for _ in range(chain.longest):
        stand = chain.states[at]
        if stand.end:
            return _Run(stand.end, seconds, exposed)
        seconds += stand.seconds
        exposed += stand.users * stand.seconds * 100 / 60
        at = stand.failed if stand.checked and rng.random() < probability else stand.passed
    return _Run(None, seconds, exposed)


def percentiles(values: list[float]) -> Percentiles:
    """Values that are reached by at least 5, 50 and 95 % of the sorted list (nearest rank)."""
    ordered = sorted(values)

    def rank(share: float) -> float:
        return ordered[max(0, math.ceil(share * len(ordered)) - 1)]

    return Percentiles(rank(0.05), rank(0.5), rank(0.95))
