"""Counters as Prometheus scrapes them and rate() reads them (promql/functions.go:extrapolatedRate)."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chartgen.flagger.canary import SUCCESS_RATE
from chartgen.planning.detection.metrics_source import RequestBatch

if TYPE_CHECKING:
    import random

    from chartgen.planning.detection.checks import Check
    from chartgen.planning.detection.metrics_source import Sampler

# extrapolatedRate extrapolates to an edge of the window that is less than this many sample distances away.
_NEAR = 1.1
# Targets are scraped at one of this many times, so that the distributions of the time spans repeat.
_PHASES = 60
# Rates are quotients of floats; a rate that equals its bound passes.
_ROUNDING = 1e-9
# What an older series has counted before the release: enough that its zero point is far away.
_COUNTED_BEFORE = 1_000_000
# Time, all requests, good, failing, slow: the columns of a sample.
_Sample = tuple[float, int, int, int, int]
# The column that counts, and the one above 0 once the series exists: a histogram starts with its first request.
_REQUESTS, _GOOD, _FAILING, _SLOW = (1, 1), (2, 2), (3, 3), (4, 1)


@dataclass(slots=True)
class _Target:
    """One scraped target, with the counters of a pod or a proxy.

    `samples`: (time, all requests, good, failing, slow) as counted at each scrape.
    """

    next_scrape: float
    requests: int = 0
    failing: int = 0
    slow: int = 0
    samples: deque[_Sample] = field(default_factory=deque)

    def sample(self, time: float) -> _Sample:
        return (time, self.requests, self.requests - self.failing, self.failing, self.slow)

    def scrape(self, scrape_seconds: float, keep_after: float) -> None:
        samples = self.samples
        samples.append(self.sample(self.next_scrape))
        while samples[0][0] <= keep_after:
            samples.popleft()
        self.next_scrape += scrape_seconds


class ScrapedCounters:
    """The counters of `targets` pods or proxies, each scraped every `scrape_seconds` at a time of its own.

    A series starts with the scrape that first finds it, and loses what it counted before. With `lasting`, all series
    exist since an earlier release. Requests spread evenly over the targets.
    """

    def __init__(
        self, sampler: Sampler, rng: random.Random, scrape_seconds: float, window: float, targets: int, *, lasting: bool
    ) -> None:
        self._sampler = sampler
        self._scrape_seconds = scrape_seconds
        self._window = window
        self._now = 0.0
        self.work = 0
        self._targets = [_Target(rng.randrange(_PHASES) * scrape_seconds / _PHASES) for _ in range(targets)]
        for target in self._targets if lasting else ():
            target.requests, target.failing, target.slow = 2 * _COUNTED_BEFORE, _COUNTED_BEFORE, _COUNTED_BEFORE
            time = target.next_scrape - scrape_seconds * (1 + window // scrape_seconds)
            while time < target.next_scrape:
                target.samples.append(target.sample(time))
                time += scrape_seconds

    def pass_time(self, seconds: float, rps: float, primary_rps: float = 0.0) -> RequestBatch:
        requests = failing = slow = primary_failing = 0
        end, share = self._now + seconds, 1 / len(self._targets)
        rps, primary_rps = rps * share, primary_rps * share
        sampler, scrape_seconds = self._sampler, self._scrape_seconds
        for target in self._targets:
            now = self._now
            while now < end:
                until = min(end, target.next_scrape)
                if rps > 0 or primary_rps > 0:
                    counts = sampler(round(until - now, 6), rps, primary_rps)
                    target.requests += counts[0]
                    target.failing += counts[1]
                    target.slow += counts[2]
                    requests += counts[0]
                    failing += counts[1]
                    slow += counts[2]
                    primary_failing += counts[3]
                    self.work += 1
                now = until
                if until >= target.next_scrape:
                    target.scrape(scrape_seconds, until - self._window - scrape_seconds)
        self._now = end
        return RequestBatch(requests, failing, slow, primary_failing)

    def passes(self, check: Check) -> bool:
        start = self._now - check.window
        if check.kind == SUCCESS_RATE:
            good, failing = self._rate(start, *_GOOD), self._rate(start, *_FAILING) or 0.0
            return good is not None and self._in_range(check, good, good + failing)
        requests, slow = self._rate(start, *_REQUESTS), self._rate(start, *_SLOW) or 0.0
        return requests is not None and self._in_range(check, requests - slow, requests)

    @staticmethod
    def _in_range(check: Check, good: float, total: float) -> bool:
        if total <= 0:
            return False
        share = good / total
        return check.low - _ROUNDING <= share <= check.high + _ROUNDING

    def _rate(self, start: float, column: int, exists: int) -> float | None:
        """The sum of rate() over all targets; None if no series has two samples in the window."""
        rates = [rate for target in self._targets if (rate := self._rate_of(target, start, column, exists)) is not None]
        return sum(rates) if rates else None

    def _rate_of(self, target: _Target, start: float, column: int, exists: int) -> float | None:
        inside = [(sample[0], sample[column]) for sample in target.samples if sample[0] > start and sample[exists]]
        if len(inside) < 2:  # noqa: PLR2004 - rate() needs two samples
            return None
        return extrapolated_increase(inside, start, self._now) / (self._now - start)


def extrapolated_increase(samples: list[tuple[float, float]], start: float, end: float) -> float:
    """The increase of a counter between two times, from at least two samples (time, value) in between."""
    (first, first_value), (last, last_value) = samples[0], samples[-1]
    increase = last_value - first_value
    if increase <= 0:
        return 0.0
    sampled = last - first
    distance = sampled / (len(samples) - 1)
    before, after = first - start, end - last
    if before >= distance * _NEAR:
        before = distance / 2
    before = min(before, sampled * first_value / increase)
    if after >= distance * _NEAR:
        after = distance / 2
    return increase * (sampled + before + after) / sampled
