"""The plan of a release: everything that reporters print and budgets judge."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chartgen.planning.detection.detection_budget import DetectionBudget
    from chartgen.planning.detection.operating_characteristic import OperatingCharacteristic
    from chartgen.planning.flaky import FlakyStatistics
    from chartgen.planning.release_hours import ReleaseHours
    from chartgen.planning.scenario_run import ScenarioRun
    from chartgen.planning.simulation_settings import SimulationSettings
    from chartgen.planning.startup import PodStart
    from chartgen.planning.strategy import WeightLimit

# What `helm template` calls a release without a name.
_DEFAULT_RELEASE = "release-name-"


@dataclass(frozen=True, slots=True)
class RunSummary:
    """The numbers of one run. None means not applicable or unknown; infinity means never or without limit.

    `rollback_seconds`: from the first bad request (or the first check that can detect it) to the rollback, for the
    worst of all ticks at which a release can turn bad.
    """

    promote_seconds: float | None
    rollback_seconds: float | None
    exposure: float
    requests: float | None


@dataclass(frozen=True, slots=True)
class FailedRequests:
    """The failed requests of a release that fails with `rate`, until its rollback or promotion.

    `promoted` is the probability (0..1) that Flagger promotes this release; it then continues to fail.
    """

    rate: float
    mean: float
    p95: float
    promoted: float


@dataclass(frozen=True, slots=True)
class ScenarioResult:
    """The run of one scenario and its summary; `flaky` if the scenario is random."""

    run: ScenarioRun
    summary: RunSummary
    flaky: FlakyStatistics | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """The planned Canary, as a report's title names it. `interval` is in seconds.

    `provider_source`: where the provider is from if the Canary doesn't set it. `chart`: the name of its chart, empty
    without one. `weight_limit`: the weight at which Flagger promotes, None if weights don't decide that.
    `matching_only`: only matching requests reach the new version.
    """

    name: str
    namespace: str
    flagger: str
    strategy: str
    provider: str
    interval: float
    threshold: int
    pod_start: PodStart
    bootstrap: bool
    provider_source: str = ""
    chart: str = ""
    weight_limit: WeightLimit | None = None
    matching_only: bool = False

    @property
    def title(self) -> str:
        """The chart's name, and the Canary's if it is another one; neither with Helm's default release name."""
        name = self.name.removeprefix(_DEFAULT_RELEASE)
        if self.chart and (name == self.chart or self.name.endswith(f"-{self.chart}")):
            return self.chart
        return f"{self.chart}: {name}" if self.chart else name


@dataclass(frozen=True, slots=True)
class ReleasePlan:
    """The plan of one Canary. `worst_rollback`: seconds, infinite if Flagger never rolls back a bad release.

    `failed_requests`: those of a release that is bad from its first request; needs --rps and, for A/B, --match-share.
    `false_alarm`: the probability (0..1) that Flagger rolls back a healthy release; needs the same.
    `detect`: the `--detect` budgets.
    `hours`: when in a week a release can start; needs the traffic of a week.
    `compared`: label and plan of each one if this one shows several plans side by side.
    """

    subject: Subject
    settings: SimulationSettings
    results: tuple[ScenarioResult, ...]
    worst_rollback: float | None
    failed_requests: FailedRequests | None
    warnings: tuple[str, ...]
    notes: tuple[str, ...]
    characteristics: tuple[OperatingCharacteristic, ...] = ()
    detection_probabilities: tuple[DetectionProbability, ...] = ()
    false_alarm: float | None = None
    detect: tuple[DetectionBudget, ...] = ()
    hours: ReleaseHours | None = None
    compared: tuple[tuple[str, ReleasePlan], ...] = ()

    @property
    def compared_subjects(self) -> tuple[tuple[str, Subject], ...]:
        """Label and subject of each of the compared plans."""
        return tuple((label, plan.subject) for label, plan in self.compared)


@dataclass(frozen=True, slots=True)
class DetectionProbability:
    """The probability that Flagger rolls back a release with this share of bad requests, for a `--detect` budget."""

    kind: str
    rate: float
    probability: float
