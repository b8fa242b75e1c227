"""What is asked of a Canary: which release, under which traffic, seen by which checks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chartgen.flagger.canary import DURATION, SUCCESS_RATE

if TYPE_CHECKING:
    from chartgen.planning.detection.checks import Check


@dataclass(frozen=True, slots=True)
class Traffic:
    """Requests a second: `users` on the whole service, `synthetic` sent to the new version only (a load test).

    `scrape` is Prometheus' scrape interval in seconds, 0 for counters that are seen at every moment.
    """

    users: float
    synthetic: float = 0.0
    scrape: float = 0.0


@dataclass(frozen=True, slots=True)
class Release:
    """The shares (0..1) of the new version's requests that fail with a 5xx, and that exceed the latency bound."""

    failing: float = 0.0
    slow: float = 0.0

    def bad(self, kind: str) -> float:
        """The share of requests a check of this kind calls bad."""
        return self.failing if kind == SUCCESS_RATE else self.slow


@dataclass(frozen=True, slots=True)
class DetectionModel:
    """One release under one traffic. `counts` is the kind of bad request whose number is asked for."""

    traffic: Traffic
    release: Release
    checks: tuple[Check, ...]
    counts: str = SUCCESS_RATE

    @property
    def other(self) -> str:
        return DURATION if self.counts == SUCCESS_RATE else SUCCESS_RATE

    def blind(self, kind: str) -> bool:
        """Whether a check of this kind has no value at all: without one good request there is no series of them."""
        return kind == SUCCESS_RATE and self.release.failing >= 1
