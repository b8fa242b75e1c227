"""The model of detection: a release, its traffic, and the checks that measure it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from chartgen.flagger.canary import DURATION, SUCCESS_RATE

if TYPE_CHECKING:
    from chartgen.planning.detection.checks import Check


class Traffic(NamedTuple):
    """Requests per second: `user_rps` on the whole service, `synthetic_rps` of a load test.

    The load test reaches the new version only, or, if it is `at_gateway`, both versions like a user.
    `both_versions`: the checks count the primary's requests, too. `scrape_seconds` is Prometheus' scrape interval, 0
    for counters that are visible at every moment. It scrapes the series of `targets` pods or proxies; `lasting` series
    exist since an earlier release. The queries of `blind` checks never find a request.
    """

    user_rps: float
    synthetic_rps: float = 0.0
    scrape_seconds: float = 0.0
    at_gateway: bool = False
    both_versions: bool = False
    targets: int = 1
    lasting: bool = False
    blind: bool = False


class Release(NamedTuple):
    """The shares (0..1) of the new version's requests that fail with a 5xx, and that exceed the latency bound.

    `baseline` is the share of the primary's requests that fail.
    """

    failing: float = 0.0
    slow: float = 0.0
    baseline: float = 0.0

    def bad_share(self, kind: str) -> float:
        """The share of requests that are bad for a check of this kind."""
        return self.failing if kind == SUCCESS_RATE else self.slow


class DetectionModel(NamedTuple):
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
        if self.traffic.blind or not (self.traffic.user_rps or self.traffic.synthetic_rps):
            return True
        return kind == SUCCESS_RATE and self.release.failing >= 1 and not self.traffic.both_versions

    def primary_rps(self, user_share: float) -> float:
        """The users' requests per second on the primary that the checks count."""
        return self.traffic.user_rps * (1 - user_share) if self.traffic.both_versions else 0.0
