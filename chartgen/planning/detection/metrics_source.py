"""What a metrics server has counted when a check queries it: every request, or counters as Prometheus scrapes them."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from chartgen.flagger.canary import SUCCESS_RATE

if TYPE_CHECKING:
    from collections.abc import Callable

    from chartgen.planning.detection.checks import Check


@dataclass(slots=True)
class RequestBatch:
    """Requests of one time span, and how many of them failed or were slow."""

    requests: int = 0
    failing: int = 0
    slow: int = 0

    def add(self, other: RequestBatch) -> None:
        self.requests += other.requests
        self.failing += other.failing
        self.slow += other.slow

    def bad(self, kind: str) -> int:
        return self.failing if kind == SUCCESS_RATE else self.slow


class MetricsSource(Protocol):
    """The metrics server from the first tick on."""

    def pass_time(self, seconds: float, rps: float) -> RequestBatch:
        """Receive requests for some seconds; returns all of them."""

    def passes(self, check: Check) -> bool:
        """Whether the check passes now."""


class IdealCounters:
    """Counters that are visible at every moment: a window contains exactly the requests of its seconds."""

    def __init__(self, sampler: Callable[[float, float], RequestBatch], windows: tuple[float, ...]) -> None:
        self._sampler = sampler
        self._windows = windows
        self._spans: deque[tuple[float, float, RequestBatch]] = deque()
        self._now = 0.0
        self._longest_window = max(windows, default=0.0)

    def pass_time(self, seconds: float, rps: float) -> RequestBatch:
        total = RequestBatch()
        if seconds <= 0:
            return total
        # A span ends where a window of some later tick starts, so that it is either inside or before that window.
        edges = sorted({seconds, *((-window) % seconds for window in self._windows)} - {0.0})
        for start, end in zip([0.0, *edges], edges, strict=False):
            batch = self._sampler(end - start, rps)
            self._spans.append((self._now + start, self._now + end, batch))
            total.add(batch)
        self._now += seconds
        while self._spans and self._spans[0][1] <= self._now - self._longest_window:
            self._spans.popleft()
        return total

    def passes(self, check: Check) -> bool:
        counted, window_start = RequestBatch(), self._now - check.window
        for start, end, batch in self._spans:
            if (start + end) / 2 > window_start:
                counted.add(batch)
        bad = counted.bad(check.kind)
        return counted.requests > 0 and check.passes(counted.requests - bad, bad)


class ScrapedCounters:
    """Counters that Prometheus scrapes every `scrape_seconds`, read with rate().

    A series starts with the scrape that first finds it, and loses what it counted before. A window contains the growth
    between its first and its last scrape; with fewer than two scrapes it has no value. `phase` is the second of the
    first scrape.
    """

    def __init__(self, sampler: Callable[[float, float], RequestBatch], scrape_seconds: float, phase: float) -> None:
        self._sampler = sampler
        self._scrape_seconds = scrape_seconds
        self._now = 0.0
        self._next_scrape = phase
        self._pending = RequestBatch()
        self._scrapes: list[tuple[float, RequestBatch]] = []

    def pass_time(self, seconds: float, rps: float) -> RequestBatch:
        total, end = RequestBatch(), self._now + seconds
        while self._now < end:
            until = min(end, self._next_scrape)
            batch = self._sampler(until - self._now, rps)
            total.add(batch)
            self._pending.add(batch)
            self._now = until
            if until >= self._next_scrape:
                self._scrapes.append((until, self._pending))
                self._pending = RequestBatch()
                self._next_scrape += self._scrape_seconds
        return total

    def passes(self, check: Check) -> bool:
        window_start = self._now - check.window
        if check.kind == SUCCESS_RATE:
            good = self._growth(window_start, lambda batch: batch.requests - batch.failing)
            bad = self._growth(window_start, lambda batch: batch.failing) or 0
            return good is not None and good + bad > 0 and check.passes(good, bad)
        # All buckets of a histogram start with its first request.
        requests = self._growth(window_start, lambda batch: batch.requests, lambda batch: batch.requests)
        slow = self._growth(window_start, lambda batch: batch.requests, lambda batch: batch.slow) or 0
        return bool(requests) and check.passes((requests or 0) - slow, slow)

    def _growth(
        self,
        window_start: float,
        creates_series: Callable[[RequestBatch], int],
        count: Callable[[RequestBatch], int] | None = None,
    ) -> int | None:
        """The growth of the series within the window; None with fewer than two samples in it."""
        exists, samples, growth = False, 0, 0
        for time, batch in self._scrapes:
            if exists and time > window_start and samples:
                growth += (count or creates_series)(batch)
            exists = exists or creates_series(batch) > 0
            samples += exists and time > window_start
        return growth if samples > 1 else None
