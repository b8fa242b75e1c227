"""The drawn answer: seeded rollouts, for windows that overlap and whatever else has no formula."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chartgen.planning.detection import poisson
from chartgen.planning.detection.exact import OutcomeDistribution, seconds_under_traffic
from chartgen.planning.detection.metrics_source import Batch, IdealCounters, ScrapedCounters
from chartgen.planning.markov_chain import End

if TYPE_CHECKING:
    from chartgen.planning.detection.metrics_source import MetricsSource
    from chartgen.planning.detection.model import DetectionModel
    from chartgen.planning.markov_chain import ChainState, MarkovChain

RUNS = 4000


@dataclass(frozen=True, slots=True)
class _Run:
    end: End | None
    bad: int
    seconds: float


def fate(chain: MarkovChain, question: DetectionModel, *, runs: int = RUNS, seed: int = 0) -> OutcomeDistribution:
    """The share of seeded rollouts that end one way or the other; the same seed gives the same fate."""
    rng = random.Random(f"{seed} {question.release}")  # noqa: S311 - a simulation, not a secret
    done = [_run(chain, question, rng) for _ in range(runs)]
    back = [run.seconds for run in done if run.end is End.ROLLED_BACK]
    bad = sorted(run.bad for run in done)
    return OutcomeDistribution(
        rolled_back=len(back) / runs,
        promoted=sum(run.end is End.PROMOTED for run in done) / runs,
        bad_mean=sum(bad) / runs,
        bad_p95=float(bad[-(-runs * 95 // 100) - 1]),
        rollback_seconds=sum(back) / len(back) if back else None,
    )


def _run(chain: MarkovChain, question: DetectionModel, rng: random.Random) -> _Run:
    sight = _sight(question, rng)
    blind = any(question.blind(check.kind) for check in question.checks)
    at, bad, seconds = 0, 0, 0.0
    for _ in range(chain.longest):
        stand = chain.states[at]
        if stand.end:
            return _Run(stand.end, bad, seconds)
        bad += _bad_of_users(question, stand, sight, rng)
        seconds = seconds_under_traffic(seconds, stand)
        passes = not stand.checked or (not blind and all(sight.answers(check) for check in question.checks))
        at = stand.passed if passes else stand.failed
    return _Run(None, bad, seconds)


def _bad_of_users(question: DetectionModel, stand: ChainState, sight: MetricsSource, rng: random.Random) -> int:
    """Let the stand's time pass; the metrics see users', mirrored and synthetic requests, users meet their own."""
    traffic = question.traffic
    users = traffic.users * stand.users
    others = traffic.users * (stand.heard - stand.users) + (traffic.synthetic if stand.checked else 0.0)
    bad = sight.pass_time(stand.seconds, users + others).bad(question.counts)
    if users <= 0 or others <= 0:
        return bad if users > 0 else 0
    chance = users / (users + others)
    return sum(rng.random() < chance for _ in range(bad))


def _sight(question: DetectionModel, rng: random.Random) -> MetricsSource:
    scrape = question.traffic.scrape
    if scrape:
        return ScrapedCounters(_drawing(question, rng), scrape, rng.random() * scrape)
    return IdealCounters(_drawing(question, rng), tuple({check.window for check in question.checks}))


def _drawing(question: DetectionModel, rng: random.Random) -> _Draw:
    return _Draw(question.release.failing, question.release.slow, rng)


@dataclass(frozen=True, slots=True)
class _Draw:
    """Requests of a Poisson stream, each failing and each slow by itself: four independent streams."""

    failing: float
    slow: float
    rng: random.Random

    def __call__(self, seconds: float, rate: float) -> Batch:
        mean = seconds * rate
        if mean <= 0:
            return Batch()
        rng, failing, slow = self.rng, self.failing, self.slow
        both = poisson.draw(rng, mean * failing * slow)
        failed = poisson.draw(rng, mean * failing * (1 - slow))
        late = poisson.draw(rng, mean * (1 - failing) * slow)
        fine = poisson.draw(rng, mean * (1 - failing) * (1 - slow))
        return Batch(both + failed + late + fine, both + failed, both + late)
