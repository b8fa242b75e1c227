"""The traffic and the random numbers of a plan."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SimulationSettings:
    """The traffic and the random numbers of a plan: rates per second, shares 0..1, `rollouts` for flaky scenarios."""

    rps: float | None = None
    error_rate: float | None = None
    healthy_error_rate: float = 0.0
    synthetic_rps: float | None = None
    scrape_seconds: float = 0.0
    match_share: float | None = None
    pods: int | None = None
    seed: int = 0
    rollouts: int = 1000
