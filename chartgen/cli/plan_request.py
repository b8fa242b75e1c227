"""The options of `chartgen plan` as one request, each checked before anything is read."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chartgen.errors import UsageError
from chartgen.flagger.crd import NEWEST, nearest
from chartgen.planning.amounts import seconds_of, share_of, shares_of
from chartgen.planning.detection.operating_characteristic import DEFAULT_RATES
from chartgen.planning.release_plan import Settings
from chartgen.planning.request import PlanRequest
from chartgen.planning.scenarios import parse_scenarios

if TYPE_CHECKING:
    from chartgen.helm.request import ValueSources
    from chartgen.planning.budgets import Budgets

_NEEDS_TRAFFIC = "add --rps, the requests a second on the whole service"


@dataclass(frozen=True, slots=True)
class CanarySource:
    """Where the Canary states: a chart or manifests, and which release of it. `path` is `-` for stdin."""

    path: str
    namespace: str | None
    release_name: str
    sources: ValueSources
    kube_version: str
    api_versions: tuple[str, ...]
    canary: str


@dataclass(frozen=True, slots=True)
class PlanOptions:
    """What was written; empty texts are options that were not given."""

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
    synthetic_rps: float
    scrape_interval: str
    seed: int
    runs: int

    def request(self, budgets: Budgets) -> PlanRequest:
        """The request; UsageError names the option that cannot be meant."""
        self._check_traffic(budgets)
        return PlanRequest(
            scenarios=parse_scenarios(self.scenarios),
            settings=self._settings(),
            bootstrap=self.bootstrap,
            pod_start=seconds_of(self.pod_start, "--pod-start") if self.pod_start else None,
            flagger=self.flagger.removeprefix("v") if self.flagger and nearest(self.flagger) else NEWEST,
            error_rates=shares_of(self.error_rates, "--error-rates") if self.error_rates else DEFAULT_RATES,
            slow_rates=shares_of(self.slow_rates, "--slow-rate") if self.slow_rates else (),
            detect=budgets.detect,
        )

    def _settings(self) -> Settings:
        return Settings(
            rps=self.rps,
            error_rate=share_of(self.error_rate, "--error-rate") if self.error_rate else None,
            healthy_error_rate=_share(self.healthy_error_rate, "--healthy-error-rate"),
            synthetic_rps=self.synthetic_rps,
            scrape_seconds=seconds_of(self.scrape_interval, "--scrape-interval") if self.scrape_interval else 0.0,
            match_share=share_of(self.match_share, "--match-share") if self.match_share else None,
            seed=self.seed,
            runs=self.runs,
        )

    def _check_traffic(self, budgets: Budgets) -> None:
        for option, rate in (("--rps", self.rps), ("--synthetic-rps", self.synthetic_rps)):
            if rate is not None and not (math.isfinite(rate) and 0 <= rate <= _MOST):
                raise UsageError(f"{option} {rate} is no rate", hint=f"give requests a second, 0 to {_MOST:,.0f}")
        needs = {
            "--error-rate": self.error_rate,
            "--error-rates": self.error_rates,
            "--slow-rate": self.slow_rates,
            "--healthy-error-rate": self.healthy_error_rate,
            "--synthetic-rps": self.synthetic_rps,
            "--scrape-interval": self.scrape_interval,
            "--max-failed-requests": budgets.failed_requests is not None,
            "--detect": budgets.detect,
        }
        for option, given in needs.items():
            if given and self.rps is None:
                raise UsageError(f"{option} says nothing without the traffic", hint=_NEEDS_TRAFFIC)


# Beyond it the law of one window has more terms than it is worth: no service comes near it.
_MOST = 1_000_000.0


def _share(text: str, option: str) -> float:
    return share_of(text, option) if text else 0.0
