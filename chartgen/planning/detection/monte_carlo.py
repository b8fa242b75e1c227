"""The outcome of a rollout from seeded random rollouts, for overlapping windows and other cases without a formula."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chartgen.planning.detection import poisson
from chartgen.planning.detection.exact import OutcomeDistribution, seconds_under_traffic
from chartgen.planning.detection.metrics_source import IdealCounters, RequestBatch, ScrapedCounters
from chartgen.planning.markov_chain import FinalState

if TYPE_CHECKING:
    from chartgen.planning.detection.metrics_source import MetricsSource
    from chartgen.planning.detection.model import DetectionModel
    from chartgen.planning.markov_chain import ChainState, MarkovChain

ROLLOUTS = 4000


@dataclass(frozen=True, slots=True)
class _Rollout:
    final: FinalState | None
    bad: int
    seconds: float


def outcome_distribution(
    chain: MarkovChain, model: DetectionModel, *, rollouts: int = ROLLOUTS, seed: int = 0
) -> OutcomeDistribution:
    """The outcomes of `rollouts` random rollouts; the same seed yields the same result."""
    rng = random.Random(f"{seed} {model.release}")  # noqa: S311 - a simulation, not a secret
    samples = [_sample(chain, model, rng) for _ in range(rollouts)]
    rollback_seconds = [rollout.seconds for rollout in samples if rollout.final is FinalState.ROLLED_BACK]
    bad = sorted(rollout.bad for rollout in samples)
    return OutcomeDistribution(
        rolled_back=len(rollback_seconds) / rollouts,
        promoted=sum(rollout.final is FinalState.PROMOTED for rollout in samples) / rollouts,
        bad_mean=sum(bad) / rollouts,
        bad_p95=float(bad[-(-rollouts * 95 // 100) - 1]),
        rollback_seconds=sum(rollback_seconds) / len(rollback_seconds) if rollback_seconds else None,
    )


def _sample(chain: MarkovChain, model: DetectionModel, rng: random.Random) -> _Rollout:
    source = _metrics_source(model, rng)
    no_value = any(model.has_no_value(check.kind) for check in model.checks)
    index, bad, seconds = 0, 0, 0.0
    for _ in range(chain.max_ticks):
        state = chain.states[index]
        if state.final:
            return _Rollout(state.final, bad, seconds)
        bad += _bad_requests_of_users(model, state, source, rng)
        seconds = seconds_under_traffic(seconds, state)
        passes = not state.checked or (not no_value and all(source.passes(check) for check in model.checks))
        index = state.passed if passes else state.failed
    return _Rollout(None, bad, seconds)


def _bad_requests_of_users(model: DetectionModel, state: ChainState, source: MetricsSource, rng: random.Random) -> int:
    """Simulates the state's time. Metrics count user, mirrored and synthetic requests; users meet only their own."""
    traffic = model.traffic
    user_rps = traffic.user_rps * state.user_share
    other_rps = traffic.user_rps * (state.measured_share - state.user_share)
    other_rps += traffic.synthetic_rps if state.checked else 0.0
    bad = source.pass_time(state.seconds, user_rps + other_rps).bad(model.counted_kind)
    if user_rps <= 0 or other_rps <= 0:
        return bad if user_rps > 0 else 0
    probability = user_rps / (user_rps + other_rps)
    return sum(rng.random() < probability for _ in range(bad))


def _metrics_source(model: DetectionModel, rng: random.Random) -> MetricsSource:
    scrape_seconds = model.traffic.scrape_seconds
    sampler = _RequestSampler(model.release.failing, model.release.slow, rng)
    if scrape_seconds:
        return ScrapedCounters(sampler, scrape_seconds, rng.random() * scrape_seconds)
    return IdealCounters(sampler, tuple({check.window for check in model.checks}))


@dataclass(frozen=True, slots=True)
class _RequestSampler:
    """Requests of a Poisson stream, each failing and each slow independently: four independent streams."""

    failing: float
    slow: float
    rng: random.Random

    def __call__(self, seconds: float, rps: float) -> RequestBatch:
        mean = seconds * rps
        if mean <= 0:
            return RequestBatch()
        rng, failing, slow = self.rng, self.failing, self.slow
        failing_and_slow = poisson.sample(rng, mean * failing * slow)
        only_failing = poisson.sample(rng, mean * failing * (1 - slow))
        only_slow = poisson.sample(rng, mean * (1 - failing) * slow)
        good = poisson.sample(rng, mean * (1 - failing) * (1 - slow))
        return RequestBatch(
            failing_and_slow + only_failing + only_slow + good,
            failing_and_slow + only_failing,
            failing_and_slow + only_slow,
        )
