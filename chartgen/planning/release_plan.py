"""The plan of a release, complete: what every reporter prints and the budgets judge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chartgen.planning.detection.operating_characteristic import OperatingCharacteristic
    from chartgen.planning.flaky import Spread
    from chartgen.planning.scenario_run import ScenarioRun
    from chartgen.planning.startup import PodStart


@dataclass(frozen=True, slots=True)
class Figures:
    """The numbers of one course; None is what cannot be told, infinity what never comes or never ends.

    `rollback_seconds`: from the first bad request (or the first check that can see it) to the rollback, in the worst
    case: over all ticks at which a release can turn bad. `failed`: requests, with --rps and --error-rate.
    """

    promote_seconds: float | None
    rollback_seconds: float | None
    exposure: float
    requests: float | None
    failed: float | None


@dataclass(frozen=True, slots=True)
class Played:
    """One scenario's course with its numbers; `spread` where chance decides it."""

    course: ScenarioRun
    figures: Figures
    spread: Spread | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """What the plan was asked besides the Canary: the traffic, and how chance is drawn."""

    rps: float | None = None
    error_rate: float | None = None
    healthy_error_rate: float = 0.0
    synthetic_rps: float = 0.0
    scrape_seconds: float = 0.0
    match_share: float | None = None
    seed: int = 0
    runs: int = 1000


@dataclass(frozen=True, slots=True)
class Subject:
    """The Canary that is planned, in the words a title needs."""

    name: str
    namespace: str
    flagger: str
    strategy: str
    provider: str
    interval: float
    threshold: int
    pod_start: PodStart
    bootstrap: bool


@dataclass(frozen=True, slots=True)
class ReleasePlan:
    """Everything about one Canary. `worst_rollback`: seconds, infinite where a bad release is never rolled back.

    `failed_at_worst`: failed requests of a release that is bad from its first request, until it is rolled back.
    `beside`: label and subject of each plan, where it shows several side by side.
    """

    subject: Subject
    settings: Settings
    played: tuple[Played, ...]
    worst_rollback: float | None
    failed_at_worst: float | None
    warnings: tuple[str, ...]
    notes: tuple[str, ...]
    characteristics: tuple[OperatingCharacteristic, ...] = ()
    detected: tuple[Detected, ...] = ()
    beside: tuple[tuple[str, Subject], ...] = ()


@dataclass(frozen=True, slots=True)
class Detected:
    """The probability that a release with this share of bad requests is rolled back, for a `--detect` budget."""

    kind: str
    rate: float
    probability: float
