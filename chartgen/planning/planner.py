"""Plans the release of one Canary: simulates every scenario and computes every number."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from chartgen.errors import UsageError
from chartgen.flagger.canary import DURATION, SUCCESS_RATE, read_canary
from chartgen.flagger.crd import admit
from chartgen.planning.chain_builder import build_chain
from chartgen.planning.default_objects import cluster_objects
from chartgen.planning.detection import monte_carlo
from chartgen.planning.detection.checks import Checks, checks_of
from chartgen.planning.detection.discrimination import NOTABLE_FALSE_ALARM
from chartgen.planning.detection.operating_characteristic import DetectionAnalysis
from chartgen.planning.exposure import requests
from chartgen.planning.false_alarms import false_alarm_warning
from chartgen.planning.flaky import flaky_statistics
from chartgen.planning.load_tests import assumed_rate
from chartgen.planning.notes import notes
from chartgen.planning.release_plan import DetectionProbability, FailedRequests, ReleasePlan, ScenarioResult, Subject
from chartgen.planning.run_summary import error_rate, summarize_run
from chartgen.planning.scenario_run import Ending
from chartgen.planning.scenarios import FAILING, ScenarioKind
from chartgen.planning.simulated_release import prepare_release
from chartgen.planning.startup import PodStart, pod_start
from chartgen.planning.success import with_provider
from chartgen.planning.traffic import Pods, describe_counters, pods_of, traffic_of
from chartgen.planning.warnings import WarningContext, warnings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chartgen.flagger.canary import Canary
    from chartgen.planning.detection.model import Traffic
    from chartgen.planning.detection.operating_characteristic import OperatingCharacteristic
    from chartgen.planning.markov_chain import MarkovChain
    from chartgen.planning.request import CanaryContext, PlanRequest
    from chartgen.planning.scenarios import Scenario
    from chartgen.planning.simulated_release import SimulatedRelease
    from chartgen.planning.simulation_settings import SimulationSettings


def plan_release(context: CanaryContext, request: PlanRequest) -> ReleasePlan:
    """The plan of one Canary; UsageError if the API server rejects the Canary."""
    return Planner(context, request, admitted_canary(context, request)).plan()


def admitted_canary(context: CanaryContext, request: PlanRequest) -> Canary:
    """The Canary as the API server stores it, with the controller's provider; UsageError if it is rejected."""
    return read_canary(with_provider(_admitted(context, request.flagger), request.mesh_provider))


def _admitted(context: CanaryContext, flagger: str) -> Mapping[str, Any]:
    verdict = admit(context.canary, flagger)
    if verdict.stored is None:
        errors = [f"{'.'.join(map(str, refusal.at))}: {refusal.message}" for refusal in verdict.refusals]
        reasons = errors[0] if len(errors) == 1 else f"{len(errors)} errors" + "".join(f"\n  - {e}" for e in errors)
        raise UsageError(
            f"the API server rejects Canary {context.name}: {reasons}",
            hint="run chartgen lint to see which lines cause it",
        )
    return verdict.stored


@dataclass(slots=True)
class Planner:
    """Builds one plan of an admitted Canary. `release` has the usual pod start-up time.

    `judged_work` bounds the rollouts of the numbers that budgets judge. The Markov chain is built once, on first use.
    """

    context: CanaryContext
    request: PlanRequest
    canary: Canary
    judged_work: int = monte_carlo.WORK // 3
    objects: list[Mapping[str, Any]] = field(init=False)
    assumptions: tuple[str, ...] = field(init=False)
    pod_start: PodStart = field(init=False)
    release: SimulatedRelease = field(init=False)
    pods: Pods = field(init=False)
    _chain: MarkovChain | None = field(default=None, init=False)
    _analysis: DetectionAnalysis | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self.objects, self.assumptions = cluster_objects(self.context, self.canary)
        self.pod_start = pod_start(self._target(), self.request.pod_start)
        self.release = self._prepare_release(self.pod_start.ready)
        self.pods = pods_of(self.canary, self.objects, self.request.settings.pods)

    def plan(self) -> ReleasePlan:
        request, settings, approach = self.request, self.request.settings, self.release.approach
        worst_rollback = self.release.worst_rollback()
        results = tuple(self._result(scenario, worst_rollback) for scenario in request.scenarios)
        runs = tuple(result.run for result in results)
        return ReleasePlan(
            subject=self.subject(),
            settings=settings,
            results=results,
            worst_rollback=worst_rollback,
            failed_requests=self.failed_requests(),
            warnings=(
                *warnings(WarningContext(self.canary, approach, runs, self.pod_start.seconds)),
                *self._false_alarm_warnings(),
            ),
            notes=(*self.assumptions, *self._notes()),
            characteristics=self._characteristics(),
            detection_probabilities=self.detection_probabilities(),
            false_alarm=self.false_alarm(),
            detect=request.detect,
        )

    def _false_alarm_warnings(self) -> Iterator[str]:
        alarm = self.false_alarm() or 0.0
        if alarm > NOTABLE_FALSE_ALARM and not self.traffic().blind:
            yield false_alarm_warning(self.request.settings, alarm, self.false_alarm_without_values())

    def _notes(self) -> tuple[str, ...]:
        checks, load = checks_of(self.canary), assumed_rate(self.canary)
        return notes(self.request, self.release.approach, checks, self.pod_start, load)

    def _result(self, scenario: Scenario, worst_rollback: float | None) -> ScenarioResult:
        slow_start = scenario.kind is ScenarioKind.SLOW_START
        release = self._prepare_release(scenario.seconds) if slow_start else self.release
        if scenario.kind is ScenarioKind.PODS_FAIL:
            release = self._prepare_release(self.pod_start.ready, failing_pods=scenario.pods)
        settings = self.request.settings
        run = release.run(scenario, seed=settings.seed)
        flaky = None
        if scenario.kind is ScenarioKind.FLAKY and self._reaches_release:
            flaky = flaky_statistics(self.chain(), scenario.probability, rollouts=settings.rollouts, seed=settings.seed)
        return ScenarioResult(run, summarize_run(run, settings, worst_rollback, flaky), flaky)

    def failed_requests(self) -> FailedRequests | None:
        """From the model of the detection table, in the busiest hour; without modeled checks, every check fails."""
        settings = self.request.settings
        if settings.rps is None or self.request.bootstrap or self._share_is_unknown:
            return None
        if settings.week and settings.peak_rps != settings.rps:
            return self.at_rate(settings.peak_rps, self.judged_work).failed_requests()
        rate, analysis = error_rate(settings), self.detection_analysis()
        if analysis is None:
            run = self.release.run(FAILING)
            count = requests(run, settings.rps) * rate
            return FailedRequests(rate, count, count, float(run.ending is Ending.PROMOTED))
        outcomes = analysis.row(SUCCESS_RATE, rate, baseline=settings.healthy_error_rate).outcomes
        return FailedRequests(rate, outcomes.bad_mean, outcomes.bad_p95, outcomes.promoted)

    def at_rate(self, rps: float, work: int) -> Planner:
        """The planner of the same Canary under another, constant rate of requests."""
        return self.with_settings(self.request.settings._replace(rps=rps, week=None), work)

    def with_settings(self, settings: SimulationSettings, work: int) -> Planner:
        """The planner of the same Canary under other traffic."""
        return Planner(self.context, self.request._replace(settings=settings), self.canary, judged_work=work)

    @property
    def _reaches_release(self) -> bool:
        """Whether Flagger gets to analyze a release."""
        return not self.request.bootstrap and self.release.stuck_bootstrap is None

    def chain(self) -> MarkovChain:
        if self._chain is None:
            self._chain = build_chain(self.release)
        return self._chain

    def detection_analysis(self) -> DetectionAnalysis | None:
        settings = self.request.settings
        checks = checks_of(self.canary)
        if settings.rps is None or not self._reaches_release or not checks.modeled or self._share_is_unknown:
            return None
        if self._analysis is None:
            self._analysis = self._judged_analysis(checks)
        return self._analysis

    def traffic(self) -> Traffic:
        """The traffic as the checks see it; needs `rps`."""
        return traffic_of(self.canary, self.request.settings, self.pods)

    def _judged_analysis(self, checks: Checks) -> DetectionAnalysis:
        """The analysis with the rows that budgets judge: their rollouts don't depend on the rows of the table."""
        request, settings = self.request, self.request.settings
        traffic, interval = self.traffic(), self.canary.interval
        rates = tuple(dict.fromkeys((0.0, error_rate(settings), *(budget.rate for budget in request.detect))))
        work = monte_carlo.WorkBudget(len(rates), self.judged_work)
        judged = DetectionAnalysis(self.chain(), checks, traffic, interval, settings.seed, work=work)
        for rate in rates:
            judged.row(SUCCESS_RATE, rate, baseline=settings.healthy_error_rate)
        slow_rows = len(request.slow_rates) + 1 if request.slow_rates else 0
        table = monte_carlo.WorkBudget(len(request.error_rates) + slow_rows, 2 * monte_carlo.WORK // 3)
        return replace(judged, work=table)

    @property
    def _share_is_unknown(self) -> bool:
        """Whether the requests on the new version depend on a `--match-share` that isn't set."""
        return self.release.approach.matching_only and self.request.settings.match_share is None

    def _characteristics(self) -> tuple[OperatingCharacteristic, ...]:
        analysis, request = self.detection_analysis(), self.request
        if analysis is None:
            return ()
        baseline = request.settings.healthy_error_rate
        characteristics = [analysis.characteristic(SUCCESS_RATE, request.error_rates, baseline=baseline)]
        if request.slow_rates:
            characteristics.append(analysis.characteristic(DURATION, request.slow_rates, baseline=baseline))
        counters = describe_counters(analysis.traffic, self.pods)
        return tuple(characteristic._replace(counters=counters) for characteristic in characteristics)

    def detection_probabilities(self) -> tuple[DetectionProbability, ...]:
        """0 if no check can detect anything."""
        if self._share_is_unknown:
            return ()
        analysis = self.detection_analysis()
        rates = dict.fromkeys(budget.rate for budget in self.request.detect)
        baseline = self.request.settings.healthy_error_rate
        return tuple(
            DetectionProbability(
                SUCCESS_RATE,
                rate,
                analysis.row(SUCCESS_RATE, rate, baseline=baseline).outcomes.rolled_back if analysis else 0.0,
            )
            for rate in rates
        )

    def false_alarm(self) -> float | None:
        """The probability that Flagger rolls back a healthy release; 0 without checks that count requests."""
        settings = self.request.settings
        if settings.rps is None or self._share_is_unknown or not self._reaches_release:
            return None
        analysis = self.detection_analysis()
        return (
            analysis.row(SUCCESS_RATE, 0.0, baseline=settings.healthy_error_rate).outcomes.rolled_back
            if analysis
            else 0.0
        )

    def false_alarm_without_values(self) -> float:
        """The probability that Flagger rolls back a healthy release only because checks have no values."""
        any_value = tuple(check._replace(low=Fraction(0), high=Fraction(1)) for check in checks_of(self.canary).modeled)
        work = monte_carlo.WorkBudget(1, monte_carlo.ROUGH_WORK)
        analysis = DetectionAnalysis(
            self.chain(), Checks(any_value, ()), self.traffic(), self.canary.interval, self.request.settings.seed,
            work=work,
        )  # fmt: skip
        return analysis.row(SUCCESS_RATE, 0.0).outcomes.rolled_back

    def _prepare_release(self, ready_seconds: float, *, failing_pods: int = 0) -> SimulatedRelease:
        return prepare_release(
            self.canary,
            self.objects,
            flagger=self.request.flagger,
            pod_start=ready_seconds,
            match_share=self.request.settings.match_share,
            bootstrap=self.request.bootstrap,
            failing_pods=failing_pods,
        )

    def _target(self) -> Mapping[str, Any] | None:
        names = self.canary.names
        for body in self.objects:
            metadata = body.get("metadata") or {}
            if body.get("kind") == self.canary.target_kind and metadata.get("name") == names.target:
                return body
        return None

    def subject(self) -> Subject:
        return Subject(
            name=self.canary.names.canary,
            namespace=self.canary.names.namespace,
            flagger=self.request.flagger,
            strategy=self.release.approach.description,
            provider=self.canary.provider,
            interval=self.canary.interval,
            threshold=self.canary.threshold,
            pod_start=self.pod_start,
            bootstrap=self.request.bootstrap,
            provider_source=self._provider_source(),
            chart=self.context.chart,
            weight_limit=self.release.approach.weight_limit,
            matching_only=self.release.approach.matching_only,
        )

    def _provider_source(self) -> str:
        if (self.context.canary.get("spec") or {}).get("provider"):
            return ""
        return "Flagger's -mesh-provider" if self.request.mesh_provider else "assumed; set --mesh-provider"
