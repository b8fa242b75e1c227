"""What a metrics server has seen when a check asks it: of every request, or as Prometheus scrapes counters."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from chartgen.flagger.canary import SUCCESS_RATE

if TYPE_CHECKING:
    from collections.abc import Callable

    from chartgen.planning.detection.checks import Check


@dataclass(slots=True)
class Batch:
    """Requests that came in together, and how many of them failed, were slow."""

    requests: int = 0
    failing: int = 0
    slow: int = 0

    def add(self, other: Batch) -> None:
        self.requests += other.requests
        self.failing += other.failing
        self.slow += other.slow

    def bad(self, kind: str) -> int:
        return self.failing if kind == SUCCESS_RATE else self.slow


class MetricsSource(Protocol):
    """The metrics server, from the first tick on."""

    def pass_time(self, seconds: float, rate: float) -> Batch:
        """Let requests come in for some seconds; returns them all."""

    def answers(self, check: Check) -> bool:
        """What the check says now."""


class IdealCounters:
    """Counters seen at every moment: a window holds exactly the requests of its seconds."""

    def __init__(self, draw: Callable[[float, float], Batch], windows: tuple[float, ...]) -> None:
        self._draw = draw
        self._windows = windows
        self._spans: deque[tuple[float, float, Batch]] = deque()
        self._now = 0.0
        self._reach = max(windows, default=0.0)

    def pass_time(self, seconds: float, rate: float) -> Batch:
        total = Batch()
        if seconds <= 0:
            return total
        # Spans end where a window of some later tick begins, so that each lies within it or before it.
        edges = sorted({seconds, *((-window) % seconds for window in self._windows)} - {0.0})
        for start, end in zip([0.0, *edges], edges, strict=False):
            batch = self._draw(end - start, rate)
            self._spans.append((self._now + start, self._now + end, batch))
            total.add(batch)
        self._now += seconds
        while self._spans and self._spans[0][1] <= self._now - self._reach:
            self._spans.popleft()
        return total

    def answers(self, check: Check) -> bool:
        seen, since = Batch(), self._now - check.window
        for start, end, batch in self._spans:
            if (start + end) / 2 > since:
                seen.add(batch)
        bad = seen.bad(check.kind)
        return seen.requests > 0 and check.passes(seen.requests - bad, bad)


class ScrapedCounters:
    """Counters read every `scrape` seconds, as rate() reads them.

    A series begins with the scrape that first finds it, and what it had counted until then is lost; a window holds
    the growth between its first and its last scrape, and no value with fewer than two.
    """

    def __init__(self, draw: Callable[[float, float], Batch], scrape: float, phase: float) -> None:
        self._draw = draw
        self._scrape = scrape
        self._now = 0.0
        self._next = phase
        self._pending = Batch()
        self._scrapes: list[tuple[float, Batch]] = []

    def pass_time(self, seconds: float, rate: float) -> Batch:
        total, end = Batch(), self._now + seconds
        while self._now < end:
            until = min(end, self._next)
            batch = self._draw(until - self._now, rate)
            total.add(batch)
            self._pending.add(batch)
            self._now = until
            if until >= self._next:
                self._scrapes.append((until, self._pending))
                self._pending = Batch()
                self._next += self._scrape
        return total

    def answers(self, check: Check) -> bool:
        since = self._now - check.window
        if check.kind == SUCCESS_RATE:
            good = self._growth(since, lambda batch: batch.requests - batch.failing)
            bad = self._growth(since, lambda batch: batch.failing) or 0
            return good is not None and good + bad > 0 and check.passes(good, bad)
        # All buckets of a histogram begin with its first request.
        seen = self._growth(since, lambda batch: batch.requests, lambda batch: batch.requests)
        slow = self._growth(since, lambda batch: batch.requests, lambda batch: batch.slow) or 0
        return bool(seen) and check.passes((seen or 0) - slow, slow)

    def _growth(
        self, since: float, begins: Callable[[Batch], int], counts: Callable[[Batch], int] | None = None
    ) -> int | None:
        """The series' growth within the window; None with fewer than two samples of it there."""
        exists, samples, grown = False, 0, 0
        for time, batch in self._scrapes:
            if exists and time > since and samples:
                grown += (counts or begins)(batch)
            exists = exists or begins(batch) > 0
            samples += exists and time > since
        return grown if samples > 1 else None
