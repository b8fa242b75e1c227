"""The operating characteristic: for each share of bad requests, how the release ends."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from chartgen.flagger.canary import SUCCESS_RATE
from chartgen.planning.detection import exact as walk
from chartgen.planning.detection import monte_carlo as drawn
from chartgen.planning.detection.model import DetectionModel, Release
from chartgen.planning.detection.tick_distribution import is_exact

if TYPE_CHECKING:
    from chartgen.planning.detection.checks import Checks
    from chartgen.planning.detection.exact import OutcomeDistribution
    from chartgen.planning.detection.model import Traffic
    from chartgen.planning.markov_chain import MarkovChain

DEFAULT_RATES = (0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1.0)


class Method(Enum):
    """How a row was found."""

    EXACT = "exact"
    DRAWN = "drawn"


@dataclass(frozen=True, slots=True)
class Row:
    """The fate of a release of which the share `rate` (0..1) of requests is bad."""

    rate: float
    fate: OutcomeDistribution
    method: Method


@dataclass(frozen=True, slots=True)
class OperatingCharacteristic:
    """One kind of badness: `kind` is the builtin check that looks for it. `healthy` is the release without any. `label`
    tells the tables of compared plans apart."""

    kind: str
    healthy: Row
    rows: tuple[Row, ...]
    label: str = ""


@dataclass(frozen=True, slots=True)
class Watched:
    """A rollout whose outcome hangs on its checks, and the traffic under which it runs."""

    chain: MarkovChain
    checks: Checks
    traffic: Traffic
    interval: float
    seed: int = 0
    runs: int = drawn.RUNS

    def row(self, kind: str, rate: float, *, baseline: float = 0.0) -> Row:
        """The fate at one rate. `baseline` is the share of requests that fail even on a healthy release."""
        failing = max(rate, baseline) if kind == SUCCESS_RATE else baseline
        release = Release(failing=failing, slow=0.0 if kind == SUCCESS_RATE else rate)
        question = DetectionModel(self.traffic, release, self.checks.known, kind)
        if is_exact(question, self.interval):
            return Row(rate, walk.fate(self.chain, question), Method.EXACT)
        return Row(rate, drawn.fate(self.chain, question, runs=self.runs, seed=self.seed), Method.DRAWN)

    def characteristic(self, kind: str, rates: tuple[float, ...], *, baseline: float = 0.0) -> OperatingCharacteristic:
        """The table for one kind of badness."""
        rows = tuple(self.row(kind, rate, baseline=baseline) for rate in rates)
        return OperatingCharacteristic(kind, self.row(kind, 0.0, baseline=baseline), rows)
