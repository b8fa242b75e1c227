"""Turns the options of `chartgen plan` into a request; checks them all before reading anything."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from chartgen.errors import UsageError
from chartgen.flagger.crd import NEWEST, nearest, newer_note
from chartgen.planning.amounts import seconds_of, share_of, shares_of
from chartgen.planning.request import DEFAULT_RATES, PlanRequest
from chartgen.planning.scenarios import parse_scenarios
from chartgen.planning.simulation_settings import SimulationSettings

if TYPE_CHECKING:
    from chartgen.helm.request import ValueSources
    from chartgen.planning.budgets import Budgets
    from chartgen.planning.week_traffic import WeekTraffic

STDIN = "-"
_RPS_HINT = "add --rps N, the requests per second on the whole service, or --traffic FILE"
# With more requests, the distribution of one window has too many terms to compute.
_MAX_RPS = 1_000_000.0


@dataclass(frozen=True, slots=True)
class CanarySource:
    """The chart or manifests with the Canary, and how to render them. `path` can be STDIN."""

    path: str
    namespace: str | None
    release_name: str
    value_sources: ValueSources
    kube_version: str
    api_versions: tuple[str, ...]
    canary: str

    @property
    def folder(self) -> Path | None:
        """The chart's folder; None for a file, an archive or stdin."""
        path = Path(self.path)
        return path if self.path != STDIN and path.is_dir() else None

    @property
    def label(self) -> str:
        """The source as messages name it."""
        return "stdin" if self.path == STDIN else self.path


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """The options as the user wrote them; an empty text means that the option isn't set."""

    scenarios: list[str]
    bootstrap: bool
    pod_start: str
    flagger: str
    rps: float | None
    error_rate: str
    error_rates: str
    slow_rates: str
    healthy_error_rate: str
    match_share: str
    synthetic_rps: float | None
    pods: int | None
    scrape_interval: str
    seed: int
    runs: int
    mesh_provider: str = ""
    traffic_file: Path | None = None
    week: WeekTraffic | None = None

    def request(self, budgets: Budgets) -> PlanRequest:
        """The request; UsageError names an invalid option."""
        self._check_traffic(budgets)
        return PlanRequest(
            scenarios=parse_scenarios(self.scenarios),
            settings=self._settings(),
            bootstrap=self.bootstrap,
            pod_start=seconds_of(self.pod_start, "--pod-start") if self.pod_start else None,
            flagger=_simulated_release(self.flagger) if self.flagger else NEWEST,
            error_rates=shares_of(self.error_rates, "--error-rates") if self.error_rates else DEFAULT_RATES,
            slow_rates=shares_of(self.slow_rates, "--slow-rate") if self.slow_rates else (),
            detect=budgets.detect,
            mesh_provider=self.mesh_provider,
        )

    def _settings(self) -> SimulationSettings:
        return SimulationSettings(
            rps=min(self.week.rates) if self.week else self.rps,
            week=self.week,
            error_rate=share_of(self.error_rate, "--error-rate") if self.error_rate else None,
            healthy_error_rate=_share_or_zero(self.healthy_error_rate, "--healthy-error-rate"),
            synthetic_rps=self.synthetic_rps,
            scrape_seconds=seconds_of(self.scrape_interval, "--scrape-interval") if self.scrape_interval else 0.0,
            pods=self.pods,
            match_share=share_of(self.match_share, "--match-share") if self.match_share else None,
            seed=self.seed,
            rollouts=self.runs,
        )

    def _check_traffic(self, budgets: Budgets) -> None:
        for option, rate in (("--rps", self.rps), ("--synthetic-rps", self.synthetic_rps)):
            if rate is not None and not (math.isfinite(rate) and 0 <= rate <= _MAX_RPS):
                raise UsageError(
                    f"{option} must be between 0 and {_MAX_RPS:,.0f}",
                    hint=f"replace {rate:g} with the requests per second",
                )
        require_rps = {
            "--error-rate": self.error_rate,
            "--error-rates": self.error_rates,
            "--slow-rate": self.slow_rates,
            "--healthy-error-rate": self.healthy_error_rate,
            "--synthetic-rps": self.synthetic_rps,
            "--pods": self.pods,
            "--max-failed-requests": budgets.failed_requests is not None,
            "--detect": budgets.detect,
            "--false-alarm": budgets.false_alarm is not None,
        }
        for option, given in require_rps.items():
            if given and self.rps is None and self.week is None:
                raise UsageError(f"{option} requires --rps", hint=_RPS_HINT)


def _simulated_release(flagger: str) -> str:
    """The release to simulate: the newest known one for a newer one; UsageError if it isn't a release."""
    release = nearest(flagger)
    return release if newer_note(flagger) else flagger.strip().removeprefix("v")


def _share_or_zero(text: str, option: str) -> float:
    return share_of(text, option) if text else 0.0
