"""Counters as Prometheus scrapes them and rate() reads them (promql/functions.go:extrapolatedRate)."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chartgen.flagger.canary import SUCCESS_RATE
from chartgen.planning.detection.metrics_source import RequestBatch

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

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
# The first errors of a series are spread one by one over the scrapes; more of them in proportion.
_MOST_SPREAD = 200
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

    @property
    def is_young(self) -> bool:
        """Whether its series of good requests doesn't exist yet."""
        return self.requests == self.failing

    def sample(self, time: float) -> _Sample:
        return (time, self.requests, self.requests - self.failing, self.failing, self.slow)

    def scrape(self, scrape_seconds: float, keep_after: float) -> None:
        samples, requests = self.samples, self.requests
        samples.append((self.next_scrape, requests, requests - self.failing, self.failing, self.slow))
        while samples[0][0] <= keep_after:
            samples.popleft()
        self.next_scrape += scrape_seconds


class ScrapedCounters:
    """The counters of `targets` pods or proxies, each scraped every `scrape_seconds` at a time of its own.

    A series starts with the scrape that first finds it, and loses what it counted before. With `lasting`, all series
    exist since an earlier release. Requests spread evenly over the targets. Checks run every `interval` seconds: rate()
    reads the first and the last sample of a window, so only those are drawn once a series exists.
    """

    def __init__(
        self,
        sampler: Sampler,
        rng: random.Random,
        scrape_seconds: float,
        windows: tuple[float, ...],
        targets: int,
        *,
        interval: float,
        lasting: bool,
    ) -> None:
        self._sampler = sampler
        self._rng = rng
        self._scrape_seconds = scrape_seconds
        self._window = window = max(windows, default=0.0)
        self._interval = interval
        self._edges = tuple(sorted({(-each) % interval for each in windows} - {0.0})) if interval > 0 else ()
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
        share = 1 / len(self._targets)
        rates = rps * share, primary_rps * share
        end, total = self._now + seconds, RequestBatch()
        edges = self._edges_before(end)
        for target in self._targets:
            self._pass_time(target, end, rates, edges, total)
        self._now = end
        return total

    def _edges_before(self, end: float) -> list[float]:
        """The times before `end` at which the window of some later check starts."""
        if not self._edges:
            return []
        begun = self._now - self._now % self._interval
        return [edge for each in self._edges if self._now < (edge := begun + each) < end]

    def _pass_time(
        self, target: _Target, end: float, rates: tuple[float, float], edges: list[float], total: RequestBatch
    ) -> None:
        now, scrape_seconds = self._now, self._scrape_seconds
        first = target.next_scrape
        count = math.floor((end - first) / scrape_seconds + _ROUNDING) + 1
        previous = -1
        for stop in _stops(first, count, scrape_seconds, edges):
            time = first + stop * scrape_seconds
            if stop - previous > 1 and target.is_young:
                for number in range(previous + 1, stop + 1):
                    now = self._scraped(target, now, first + number * scrape_seconds, 1, rates, total)
            else:
                now = self._scraped(target, now, time, stop - previous, rates, total)
            previous = stop
        if end > now:
            self._count(target, end - now, rates, total)

    def _scraped(
        self, target: _Target, now: float, time: float, scrapes: int, rates: tuple[float, float], total: RequestBatch
    ) -> float:
        """Requests until the scrape at `time`, the last one of `scrapes`; returns `time`."""
        failing = target.failing
        self._count(target, time - now, rates, total)
        if scrapes > 1 and not failing and target.failing:
            self._scrape_first_errors(target, time, scrapes)
        target.next_scrape = time
        target.scrape(self._scrape_seconds, time - self._window - self._scrape_seconds)
        return time

    def _scrape_first_errors(self, target: _Target, time: float, scrapes: int) -> None:
        """The samples between, in which the series of errors starts; the errors fall into any of the spans."""
        errors, requests = target.failing, target.requests
        spans = sorted(self._rng.randrange(scrapes) for _ in range(min(errors, _MOST_SPREAD)))
        for number in range(scrapes - 1):
            found = bisect_right(spans, number) * errors // len(spans)
            if found:
                at = time - (scrapes - 1 - number) * self._scrape_seconds
                target.samples.append((at, requests, requests - errors, found, target.slow))

    def _count(self, target: _Target, seconds: float, rates: tuple[float, float], total: RequestBatch) -> None:
        """Add the requests of some seconds to the counters and to `total`."""
        if seconds <= 0 or (rates[0] <= 0 and rates[1] <= 0):
            return
        span = seconds if seconds == self._scrape_seconds else round(seconds, 6)
        requests, failing, slow, primary_failing = self._sampler(span, *rates)
        target.requests += requests
        target.failing += failing
        target.slow += slow
        total.requests += requests
        total.failing += failing
        total.slow += slow
        total.primary_failing += primary_failing
        self.work += 1

    def passes(self, check: Check) -> bool:
        start = self._now - check.window
        if check.kind == SUCCESS_RATE:
            good = self._rate(start, *_GOOD)
            failed = any(target.failing for target in self._targets)
            failing = (self._rate(start, *_FAILING) or 0.0) if failed else 0.0
            return good is not None and self._in_range(check, good, good + failing)
        requests = self._rate(start, *_REQUESTS)
        slow = (self._rate(start, *_SLOW) or 0.0) if any(target.slow for target in self._targets) else 0.0
        return requests is not None and self._in_range(check, requests - slow, requests)

    @staticmethod
    def _in_range(check: Check, good: float, total: float) -> bool:
        if total <= 0:
            return False
        share, low, high = good / total, check.low, check.high
        above = (share + _ROUNDING) * low.denominator >= low.numerator
        return above and (share - _ROUNDING) * high.denominator <= high.numerator

    def _rate(self, start: float, column: int, exists: int) -> float | None:
        """The sum of rate() over all targets; None if no series has two samples in the window."""
        rates = [rate for target in self._targets if (rate := self._rate_of(target, start, column, exists)) is not None]
        return sum(rates) if rates else None

    def _rate_of(self, target: _Target, start: float, column: int, exists: int) -> float | None:
        inside = [(sample[0], sample[column]) for sample in target.samples if sample[0] > start and sample[exists]]
        if len(inside) < 2:  # noqa: PLR2004 - rate() needs two samples
            return None
        return extrapolated_increase(inside, start, self._now, self._scrape_seconds) / (self._now - start)


def _stops(first: float, count: int, scrape_seconds: float, edges: list[float]) -> Sequence[int]:
    """Which of `count` scrapes from the time `first` on rate() reads: the outer ones, and the next after each edge."""
    if count <= 1:
        return range(count)
    if not edges:
        return 0, count - 1
    after = (math.floor((edge - first) / scrape_seconds + _ROUNDING) + 1 for edge in edges)
    return sorted({0, count - 1, *(index for index in after if 0 <= index < count)})


def extrapolated_increase(samples: list[tuple[float, float]], start: float, end: float, distance: float) -> float:
    """The increase of a counter between two times, from at least two samples (time, value), `distance` seconds apart.

    Samples between the first and the last one may be left out.
    """
    (first, first_value), (last, last_value) = samples[0], samples[-1]
    increase = last_value - first_value
    if increase <= 0:
        return 0.0
    sampled = last - first
    before, after = first - start, end - last
    if before >= distance * _NEAR:
        before = distance / 2
    before = min(before, sampled * first_value / increase)
    if after >= distance * _NEAR:
        after = distance / 2
    return increase * (sampled + before + after) / sampled
