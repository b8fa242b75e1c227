"""The outcome of a rollout from seeded random rollouts, for overlapping windows and other cases without a formula."""

from __future__ import annotations

import random
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from chartgen.planning.detection import poisson
from chartgen.planning.detection.exact import OutcomeDistribution, seconds_under_traffic
from chartgen.planning.detection.metrics_source import IdealCounters
from chartgen.planning.detection.scraped_counters import ScrapedCounters
from chartgen.planning.markov_chain import FinalState

if TYPE_CHECKING:
    from chartgen.planning.detection.metrics_source import Counts, MetricsSource
    from chartgen.planning.detection.model import DetectionModel, Release
    from chartgen.planning.markov_chain import ChainState, MarkovChain

ROLLOUTS = 4000
# The time spans that the rollouts of one plan may sample: some seconds of computing time.
WORK = 1_200_000
# Enough to compare the traffic of other hours, or to name a cause.
ROUGH_WORK = WORK // 20
# Drawing ends earlier where the standard error is small enough; the 95th percentile needs many rollouts.
_ENOUGH, _SMALL_ERROR = 1000, 0.004
_FEWEST = 40


@dataclass(slots=True)
class WorkBudget:
    """The time spans that `rows` rows may still sample together. What one row saves is left for the next ones."""

    rows: int = 1
    left: int = WORK

    def of_next_row(self) -> int:
        share = max(0, self.left) // max(1, self.rows)
        self.rows -= 1
        return share


class _Rollout(NamedTuple):
    final: FinalState | None
    bad: int
    seconds: float
    work: int


def outcome_distribution(
    chain: MarkovChain,
    model: DetectionModel,
    *,
    rollouts: int = ROLLOUTS,
    seed: int = 0,
    work: WorkBudget | None = None,
) -> OutcomeDistribution:
    """The outcomes of up to `rollouts` random rollouts; the same seed yields the same result.

    `work` limits the time spans that they sample, by counting and not by the clock.
    """
    limit = left = (work or WorkBudget()).of_next_row()
    rng = random.Random(f"{seed} {model.release}")  # noqa: S311 - a simulation, not a secret
    ending, sampler = chain.ending_states(), RequestSampler(model.release, rng)
    samples: list[_Rollout] = []
    for _ in range(rollouts):
        samples.append(_sample(chain, model, ending, rng, sampler))
        left -= samples[-1].work
        if _suffices(samples, left):
            break
    if work:
        work.left -= limit - left
    return _summary(samples)


def _suffices(samples: list[_Rollout], work: int) -> bool:
    count = len(samples)
    if work <= 0 and count >= _FEWEST:
        return True
    if count < _ENOUGH or count % 100:
        return False
    return (_summary(samples).standard_error or 0.0) < _SMALL_ERROR


def _summary(samples: list[_Rollout]) -> OutcomeDistribution:
    rollouts = len(samples)
    rollback_seconds = [rollout.seconds for rollout in samples if rollout.final is FinalState.ROLLED_BACK]
    bad = sorted(rollout.bad for rollout in samples)
    return OutcomeDistribution(
        rolled_back=len(rollback_seconds) / rollouts,
        promoted=sum(rollout.final is FinalState.PROMOTED for rollout in samples) / rollouts,
        bad_mean=sum(bad) / rollouts,
        bad_p95=float(bad[-(-rollouts * 95 // 100) - 1]),
        rollback_seconds=sum(rollback_seconds) / len(rollback_seconds) if rollback_seconds else None,
        rollouts=rollouts,
    )


def _sample(
    chain: MarkovChain, model: DetectionModel, ending: frozenset[int], rng: random.Random, sampler: RequestSampler
) -> _Rollout:
    source = metrics_source(chain, model, rng, sampler)
    no_value = any(model.has_no_value(check.kind) for check in model.checks)
    index, bad, seconds = 0, 0, 0.0
    for _ in range(chain.max_ticks):
        state = chain.states[index]
        if state.final or index not in ending:
            return _Rollout(state.final, bad, seconds, source.work)
        bad += bad_requests_of_users(model, state, source, rng)
        seconds = seconds_under_traffic(seconds, state)
        passes = not state.checked or (not no_value and all(source.passes(check) for check in model.checks))
        index = state.passed if passes else state.failed
    return _Rollout(None, bad, seconds, source.work)


def bad_requests_of_users(model: DetectionModel, state: ChainState, source: MetricsSource, rng: random.Random) -> int:
    """Simulates the state's time, with a load test in its first seconds."""
    load = state.seconds_of_load if model.traffic.synthetic_rps else 0.0
    bad = _bad_requests_of_span(model, state, source, rng, load, model.traffic.synthetic_rps) if load else 0
    return bad + _bad_requests_of_span(model, state, source, rng, state.seconds - load, 0.0)


def _bad_requests_of_span(
    model: DetectionModel, state: ChainState, source: MetricsSource, rng: random.Random, seconds: float, load: float
) -> int:
    """Metrics count user, mirrored and synthetic requests; users meet only their own."""
    if seconds <= 0:
        return 0
    traffic, share = model.traffic, state.user_share
    user_rps = traffic.user_rps * share
    other_rps = traffic.user_rps * (state.measured_share - share) + load * (share if traffic.at_gateway else 1)
    primary_rps = model.primary_rps(share)
    if traffic.both_versions and traffic.at_gateway:
        primary_rps += load * (1 - share)
    bad = source.pass_time(seconds, user_rps + other_rps, primary_rps).bad_on_release(model.counted_kind)
    if user_rps <= 0 or other_rps <= 0:
        return bad if user_rps > 0 else 0
    probability = user_rps / (user_rps + other_rps)
    return sum(rng.random() < probability for _ in range(bad))


def metrics_source(
    chain: MarkovChain, model: DetectionModel, rng: random.Random, sampler: RequestSampler
) -> MetricsSource:
    """What the checks of one rollout query."""
    traffic, windows = model.traffic, tuple({check.window for check in model.checks})
    if traffic.scrape_seconds:
        interval = max(state.seconds for state in chain.states)
        return ScrapedCounters(
            sampler, rng, traffic.scrape_seconds, windows, traffic.targets, interval=interval, lasting=traffic.lasting
        )
    return IdealCounters(sampler, windows)


@dataclass(frozen=True, slots=True)
class RequestSampler:
    """Requests of Poisson streams, each failing and each slow independently: independent streams of each kind.

    `_tables` speed up a release that is only failing: those of its failing and of its good requests, by seconds and
    rates.
    """

    release: Release
    rng: random.Random
    _tables: dict[tuple[float, float, float], tuple[poisson.Table, poisson.Table] | None] = field(default_factory=dict)

    def __call__(self, seconds: float, rps: float, primary_rps: float) -> Counts:
        key = (seconds, rps, primary_rps)
        try:
            tables = self._tables[key]
        except KeyError:
            tables = self._tables[key] = self._tables_of(seconds * rps, primary_rps)
        if tables is None:
            return self._drawn(seconds, rps, primary_rps)
        uniform, (bad, good) = self.rng.random, tables
        failed = bad.first + bisect_right(bad.values, uniform(), 0, bad.last)
        return failed + good.first + bisect_right(good.values, uniform(), 0, good.last), failed, 0, 0

    def _tables_of(self, mean: float, primary_rps: float) -> tuple[poisson.Table, poisson.Table] | None:
        failing = self.release.failing
        bad, good = poisson.table_of(mean * failing), poisson.table_of(mean * (1 - failing))
        return (bad, good) if bad and good and not self.release.slow and primary_rps <= 0 else None

    def _drawn(self, seconds: float, rps: float, primary_rps: float) -> Counts:
        release = self.release
        requests, failing, slow = self._counts(seconds * rps, release.failing, release.slow)
        if primary_rps <= 0:
            return requests, failing, slow, 0
        primary, primary_failing, _ = self._counts(seconds * primary_rps, release.baseline, 0.0)
        return requests + primary, failing + primary_failing, slow, primary_failing

    def _counts(self, mean: float, failing: float, slow: float) -> tuple[int, int, int]:
        rng = self.rng
        if not slow:
            failed = poisson.sample(rng, mean * failing)
            return failed + poisson.sample(rng, mean * (1 - failing)), failed, 0
        failing_and_slow = poisson.sample(rng, mean * failing * slow)
        failed = failing_and_slow + poisson.sample(rng, mean * failing * (1 - slow))
        only_slow = poisson.sample(rng, mean * (1 - failing) * slow)
        good = poisson.sample(rng, mean * (1 - failing) * (1 - slow))
        return failed + only_slow + good, failed, failing_and_slow + only_slow
