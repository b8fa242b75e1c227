"""What a metrics server has counted when a check queries it: here every request, in scraped_counters as scraped."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from chartgen.flagger.canary import SUCCESS_RATE

if TYPE_CHECKING:
    from chartgen.planning.detection.checks import Check


@dataclass(slots=True)
class RequestBatch:
    """Requests of one time span, and how many of them failed or were slow.

    `primary_failing` of the failing ones reached the primary: some queries count both versions.
    """

    requests: int = 0
    failing: int = 0
    slow: int = 0
    primary_failing: int = 0

    def add(self, other: RequestBatch) -> None:
        self.requests += other.requests
        self.failing += other.failing
        self.slow += other.slow
        self.primary_failing += other.primary_failing

    def bad(self, kind: str) -> int:
        """The bad requests of both versions."""
        return self.failing if kind == SUCCESS_RATE else self.slow

    def bad_on_release(self, kind: str) -> int:
        """The bad requests that the new version answered."""
        return self.failing - self.primary_failing if kind == SUCCESS_RATE else self.slow


# Requests, failing, slow, failing on the primary: see RequestBatch.
Counts = tuple[int, int, int, int]
# The requests of some seconds, at a rate on the new version and a rate on the primary that the query counts, too.
Sampler = Callable[[float, float, float], Counts]


class MetricsSource(Protocol):
    """The metrics server from the first tick on."""

    @property
    def work(self) -> int:
        """How many time spans have been sampled."""

    def pass_time(self, seconds: float, rps: float, primary_rps: float = 0.0) -> RequestBatch:
        """Receive requests for some seconds; returns all of them."""

    def passes(self, check: Check) -> bool:
        """Whether the check passes now."""


class IdealCounters:
    """Counters that are visible at every moment: a window contains exactly the requests of its seconds."""

    def __init__(self, sampler: Sampler, windows: tuple[float, ...]) -> None:
        self._sampler = sampler
        self._windows = windows
        self._spans: deque[tuple[float, float, RequestBatch]] = deque()
        self._now = 0.0
        self.work = 0
        self._longest_window = max(windows, default=0.0)

    def pass_time(self, seconds: float, rps: float, primary_rps: float = 0.0) -> RequestBatch:
        total = RequestBatch()
        if seconds <= 0:
            return total
        # A span ends where a window of some later tick starts, so that it is either inside or before that window.
        edges = sorted({seconds, *((-window) % seconds for window in self._windows)} - {0.0})
        for start, end in zip([0.0, *edges], edges, strict=False):
            batch = RequestBatch(*self._sampler(end - start, rps, primary_rps))
            self._spans.append((self._now + start, self._now + end, batch))
            total.add(batch)
        self.work += len(edges)
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
