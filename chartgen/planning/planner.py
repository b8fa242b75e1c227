"""The plan of a release: every scenario played, every number found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chartgen.errors import UsageError
from chartgen.flagger.canary import DURATION, SUCCESS_RATE, read_canary
from chartgen.flagger.crd import admit
from chartgen.planning.default_objects import surroundings
from chartgen.planning.detection.checks import checks_of
from chartgen.planning.detection.model import Traffic
from chartgen.planning.detection.operating_characteristic import Watched
from chartgen.planning.exposure import requests
from chartgen.planning.figures import error_rate, figures_of
from chartgen.planning.flaky import spread
from chartgen.planning.notes import notes
from chartgen.planning.release_plan import Detected, Played, ReleasePlan, Subject
from chartgen.planning.scenarios import FAILING, Kind
from chartgen.planning.simulated_release import rehearsal
from chartgen.planning.startup import PodStart, pod_start
from chartgen.planning.states import chain_of
from chartgen.planning.warnings import WarningContext, warnings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chartgen.flagger.canary import Canary
    from chartgen.planning.detection.operating_characteristic import OperatingCharacteristic
    from chartgen.planning.markov_chain import MarkovChain
    from chartgen.planning.request import PlanRequest, Stage
    from chartgen.planning.scenarios import Scenario
    from chartgen.planning.simulated_release import SimulatedRelease


def plan_release(stage: Stage, request: PlanRequest) -> ReleasePlan:
    """The whole plan of one Canary; UsageError where the API server refuses it."""
    canary = read_canary(_admitted(stage, request.flagger))
    return _Planner(stage, request, canary).plan()


def _admitted(stage: Stage, flagger: str) -> Mapping[str, Any]:
    verdict = admit(stage.canary, flagger)
    if verdict.stored is None:
        told = "; ".join(f"{'.'.join(map(str, one.at))}: {one.message}" for one in verdict.refusals)
        raise UsageError(
            f"Canary {stage.name}: the API server refuses it: {told}", hint="chartgen lint shows the lines that made it"
        )
    return verdict.stored


@dataclass(slots=True)
class _Planner:
    """One plan in the making. Rehearsals differ in the pods' start-up time; the chain is built once, when asked for."""

    stage: Stage
    request: PlanRequest
    canary: Canary
    objects: list[Mapping[str, Any]] = field(init=False)
    assumed: tuple[str, ...] = field(init=False)
    start: PodStart = field(init=False)
    usual: SimulatedRelease = field(init=False)
    _chain: MarkovChain | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.objects, self.assumed = surroundings(self.stage, self.canary)
        self.start = pod_start(self._target(), self.request.pod_start)
        self.usual = self._rehearsal(self.start.ready)

    def plan(self) -> ReleasePlan:
        request, settings = self.request, self.request.settings
        worst = self.usual.worst_rollback()
        played = tuple(self._played(scenario, worst) for scenario in request.scenarios)
        checks = checks_of(self.canary)
        scene = WarningContext(
            self.canary, self.usual.approach, tuple(one.course for one in played), self.start.seconds
        )
        failed = None
        if settings.rps is not None and not request.bootstrap:
            failed = requests(self.usual.course(FAILING), settings.rps) * error_rate(settings)
        return ReleasePlan(
            subject=self._subject(),
            settings=settings,
            played=played,
            worst_rollback=worst,
            failed_at_worst=failed,
            warnings=warnings(scene),
            notes=(*self.assumed, *notes(request, self.usual.approach, checks, self.start)),
            characteristics=self._characteristics(),
            detected=self._detected(),
        )

    def _played(self, scenario: Scenario, worst: float | None) -> Played:
        slow = scenario.kind is Kind.SLOW_START
        stage = self._rehearsal(scenario.seconds) if slow else self.usual
        settings = self.request.settings
        course = stage.course(scenario, seed=settings.seed)
        chances = None
        if scenario.kind is Kind.FLAKY and self._releases:
            chances = spread(self.chain(), scenario.probability, runs=settings.runs, seed=settings.seed)
        return Played(course, figures_of(course, settings, worst, chances), chances)

    @property
    def _releases(self) -> bool:
        """Whether a release is looked at by Flagger at all."""
        return not self.request.bootstrap and self.usual.stuck is None

    def chain(self) -> MarkovChain:
        if self._chain is None:
            self._chain = chain_of(self.usual)
        return self._chain

    def _watched(self) -> Watched | None:
        settings = self.request.settings
        checks = checks_of(self.canary)
        if settings.rps is None or not self._releases or not checks.known:
            return None
        traffic = Traffic(settings.rps, settings.synthetic_rps, settings.scrape_seconds)
        return Watched(self.chain(), checks, traffic, self.canary.interval, settings.seed)

    def _characteristics(self) -> tuple[OperatingCharacteristic, ...]:
        watched, request = self._watched(), self.request
        if watched is None:
            return ()
        baseline = request.settings.healthy_error_rate
        found = [watched.characteristic(SUCCESS_RATE, request.error_rates, baseline=baseline)]
        if request.slow_rates:
            found.append(watched.characteristic(DURATION, request.slow_rates, baseline=baseline))
        return tuple(found)

    def _detected(self) -> tuple[Detected, ...]:
        """Without a check nothing is ever detected."""
        watched = self._watched()
        rates = dict.fromkeys(one.rate for one in self.request.detect)
        baseline = self.request.settings.healthy_error_rate
        return tuple(
            Detected(
                SUCCESS_RATE,
                rate,
                watched.row(SUCCESS_RATE, rate, baseline=baseline).fate.rolled_back if watched else 0.0,
            )
            for rate in rates
        )

    def _rehearsal(self, ready: float) -> SimulatedRelease:
        return rehearsal(
            self.canary,
            self.objects,
            flagger=self.request.flagger,
            pod_start=ready,
            match_share=self.request.settings.match_share,
            bootstrap=self.request.bootstrap,
        )

    def _target(self) -> Mapping[str, Any] | None:
        names = self.canary.names
        for body in self.objects:
            metadata = body.get("metadata") or {}
            if body.get("kind") == self.canary.target_kind and metadata.get("name") == names.target:
                return body
        return None

    def _subject(self) -> Subject:
        return Subject(
            name=self.canary.names.canary,
            namespace=self.canary.names.namespace,
            flagger=self.request.flagger,
            strategy=self.usual.approach.told,
            provider=self.canary.provider,
            interval=self.canary.interval,
            threshold=self.canary.threshold,
            pod_start=self.start,
            bootstrap=self.request.bootstrap,
        )
