"""The operating characteristic: how a release ends, for each share of bad requests."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from chartgen.flagger.canary import SUCCESS_RATE
from chartgen.planning.detection import exact, monte_carlo
from chartgen.planning.detection.model import DetectionModel, Release
from chartgen.planning.detection.tick_distribution import is_exact

if TYPE_CHECKING:
    from chartgen.planning.detection.checks import Checks
    from chartgen.planning.detection.exact import OutcomeDistribution
    from chartgen.planning.detection.model import Traffic
    from chartgen.planning.markov_chain import MarkovChain


class Method(Enum):
    """How a row is computed: by formula, or from seeded random rollouts."""

    EXACT = "exact"
    MONTE_CARLO = "drawn"


class DetectionRow(NamedTuple):
    """The outcomes of a release in which the share `rate` (0..1) of requests is bad."""

    rate: float
    outcomes: OutcomeDistribution
    method: Method
    scraped: bool = False


class OperatingCharacteristic(NamedTuple):
    """The rows for one kind of bad requests. `kind` is the builtin check that detects them; `healthy` has none of them.

    `counters` says what a metrics server counts; `label` distinguishes the tables of compared plans.
    """

    kind: str
    healthy: DetectionRow
    rows: tuple[DetectionRow, ...]
    counters: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class DetectionAnalysis:
    """A rollout whose outcome depends on its checks, and the traffic under which it runs. `interval` is in seconds.

    `rollouts` and `work` limit the random rollouts of each row. A row is computed once.
    """

    chain: MarkovChain
    checks: Checks
    traffic: Traffic
    interval: float
    seed: int = 0
    rollouts: int = monte_carlo.ROLLOUTS
    work: monte_carlo.WorkBudget | None = None
    _rows: dict[tuple[str, float, float], DetectionRow] = field(default_factory=dict)

    def row(self, kind: str, rate: float, *, baseline: float = 0.0) -> DetectionRow:
        """The row for one rate. `baseline` is the share of requests that fail even on a healthy release."""
        key = (kind, rate, baseline)
        if key not in self._rows:
            self._rows[key] = self._row(kind, rate, baseline)
        return self._rows[key]

    def model(self, kind: str, rate: float, baseline: float) -> DetectionModel:
        """The model of a release with the rate `rate` of bad requests of one kind."""
        failing = max(rate, baseline) if kind == SUCCESS_RATE else baseline
        release = Release(failing, 0.0 if kind == SUCCESS_RATE else rate, baseline)
        return DetectionModel(self.traffic, release, self.checks.modeled, kind)

    def _row(self, kind: str, rate: float, baseline: float) -> DetectionRow:
        model = self.model(kind, rate, baseline)
        scraped = self.traffic.scrape_seconds > 0
        if is_exact(model, self.interval):
            return DetectionRow(rate, exact.outcome_distribution(self.chain, model), Method.EXACT, scraped)
        outcomes = monte_carlo.outcome_distribution(
            self.chain, model, rollouts=self.rollouts, seed=self.seed, work=self.work
        )
        return DetectionRow(rate, outcomes, Method.MONTE_CARLO, scraped)

    def characteristic(self, kind: str, rates: tuple[float, ...], *, baseline: float = 0.0) -> OperatingCharacteristic:
        """The table for one kind of bad requests."""
        rows = tuple(self.row(kind, rate, baseline=baseline) for rate in rates)
        return OperatingCharacteristic(kind, self.row(kind, 0.0, baseline=baseline), rows)
