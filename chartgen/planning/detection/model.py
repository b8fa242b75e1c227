"""The model of detection: a release, its traffic, and the checks that measure it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chartgen.flagger.canary import DURATION, SUCCESS_RATE

if TYPE_CHECKING:
    from chartgen.planning.detection.checks import Check


@dataclass(frozen=True, slots=True)
class Traffic:
    """Requests per second: `user_rps` on the whole service, `synthetic_rps` of a load test on the new version only.

    `scrape_seconds` is Prometheus' scrape interval, 0 for counters that are visible at every moment.
    """

    user_rps: float
    synthetic_rps: float = 0.0
    scrape_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Release:
    """The shares (0..1) of the new version's requests that fail with a 5xx, and that exceed the latency bound."""

    failing: float = 0.0
    slow: float = 0.0

    def bad_share(self, kind: str) -> float:
        """The share of requests that are bad for a check of this kind."""
        return self.failing if kind == SUCCESS_RATE else self.slow


@dataclass(frozen=True, slots=True)
class DetectionModel:
    """One release under one traffic. `counted_kind` is the kind of bad requests to count."""

    traffic: Traffic
    release: Release
    checks: tuple[Check, ...]
    counted_kind: str = SUCCESS_RATE

    @property
    def other_kind(self) -> str:
        return DURATION if self.counted_kind == SUCCESS_RATE else SUCCESS_RATE

    @property
    def counted_share(self) -> float:
        """The share (0..1) of requests that are bad and counted."""
        return self.release.bad_share(self.counted_kind)

    def has_no_value(self, kind: str) -> bool:
        """Whether a check of this kind never has a value: without a good request, their series doesn't exist."""
        return kind == SUCCESS_RATE and self.release.failing >= 1
