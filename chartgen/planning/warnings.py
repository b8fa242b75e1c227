"""What a reader of the Canary wouldn't expect, with the numbers that cause it.

A warning comes from the simulated runs if they can show it, so that it reports only what really happens. The others
come from the spec.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chartgen.flagger.canary import ROLLOUT
from chartgen.flagger.go_durations import DurationError, parse_duration
from chartgen.flagger.providers import provider_of
from chartgen.flagger.strategy import FORCED_ITERATIONS, KUBERNETES, Strategy
from chartgen.planning.amounts import format_seconds
from chartgen.planning.scenario_run import Ending
from chartgen.planning.scenarios import ScenarioKind
from chartgen.planning.success import failure_reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chartgen.flagger.canary import Analysis, Canary
    from chartgen.planning.scenario_run import ScenarioRun
    from chartgen.planning.strategy import Approach


_ALL_CHECKS_PASS = (ScenarioKind.SUCCESS, ScenarioKind.SLOW_START, ScenarioKind.GATE_CLOSED)
_GATES = ("confirm-rollout", "confirm-traffic-increase", "confirm-promotion")


@dataclass(frozen=True, slots=True)
class WarningContext:
    """The Canary, its approach, all simulated runs, and the time until pods are available (seconds)."""

    canary: Canary
    approach: Approach
    runs: tuple[ScenarioRun, ...]
    pod_start: float

    @property
    def analysis(self) -> Analysis:
        return self.canary.analysis

    @property
    def success(self) -> ScenarioRun | None:
        return next((run for run in self.runs if run.scenario.kind is ScenarioKind.SUCCESS), None)


def warnings(context: WarningContext) -> tuple[str, ...]:
    """All warnings, the most severe first."""
    return tuple(dict.fromkeys(text for detect in _DETECTORS for text in detect(context)))


def _stalls(context: WarningContext) -> Iterator[str]:
    for run in context.runs:
        if run.stall:
            yield f"{run.scenario.text}: {run.stall}"


def _ineffective(context: WarningContext) -> Iterator[str]:
    """Scenarios that have no effect on the run."""
    for run in context.runs:
        scenario, highest = run.scenario, _highest_weight(run)
        if scenario.kind is ScenarioKind.GATE_CLOSED and not context.canary.hooks(*_GATES):
            yield f"{scenario.text}: the Canary has no gate, so Flagger doesn't wait"
        elif scenario.kind is ScenarioKind.HOOK_FAILS and scenario.hook not in _hook_names(context):
            yield f"{scenario.text}: the Canary has no webhook {scenario.hook}"
        elif scenario.kind is ScenarioKind.PODS_FAIL and context.canary.target_kind not in ("Deployment", "DaemonSet"):
            yield f"{scenario.text}: Flagger doesn't count the pods of a {context.canary.target_kind}"
        elif scenario.kind is ScenarioKind.FAIL and scenario.weight > highest and run.ending is not Ending.INITIALIZED:
            yield f"{scenario.text}: no check runs at weight {scenario.weight:g} or above, the highest is {highest:g}"


def _hook_names(context: WarningContext) -> set[str]:
    return {hook.name for hook in context.analysis.webhooks}


def _highest_weight(run: ScenarioRun) -> float:
    return max((tick.canary_weight for tick in run.ticks), default=0)


def _cut(context: WarningContext) -> Iterator[str]:
    for run in context.runs:
        if run.ending is Ending.CUT:
            yield f"{run.scenario.text}: the simulation stops after {len(run.ticks)} ticks, before the release ends"


def _success_fails(context: WarningContext) -> Iterator[str]:
    for run in context.runs:
        if run.ending is Ending.ROLLED_BACK and run.scenario.kind in _ALL_CHECKS_PASS:
            yield f"{run.scenario.text}: {failure_reason(run)}"


def _overshoot(context: WarningContext) -> Iterator[str]:
    run = context.success
    if run is None or context.approach.strategy is not Strategy.WEIGHTS:
        return
    highest = _highest_weight(run)
    maximum, step = context.analysis.max_weight, context.analysis.step_weight
    if 0 < maximum < highest and not context.approach.weights:
        yield (
            f"stepWeight {step} with maxWeight {maximum} sends {highest:g} %:"
            " Flagger doesn't limit the last step to maxWeight"
        )


def _steps(context: WarningContext) -> Iterator[str]:
    weights, run = context.approach.weights, context.success
    if not weights or run is None or context.approach.strategy is not Strategy.WEIGHTS:
        return
    sent = {tick.canary_weight for tick in run.ticks}
    skipped = [str(weight) for weight in weights if min(weight, 100) not in sent]
    if skipped and run.ending is Ending.PROMOTED:
        yield f"stepWeights {list(weights)} never sends {', '.join(skipped)} %: the last element is the maximum"
    if context.analysis.max_weight:
        yield f"maxWeight {context.analysis.max_weight} is ignored: the last element of stepWeights is the maximum"


def _blind(context: WarningContext) -> Iterator[str]:
    if context.approach.strategy is Strategy.SKIP:
        yield "skipAnalysis: Flagger promotes every release without analysis as soon as its pods are ready"
    elif not context.analysis.metrics and not context.canary.hooks(ROLLOUT):
        yield "the analysis has no metrics and no rollout webhooks: Flagger promotes every release, however bad"


def _provider(context: WarningContext) -> Iterator[str]:
    approach = context.approach
    if approach.provider == KUBERNETES and approach.strategy is Strategy.BLUE_GREEN:
        if context.analysis.iterations < 1:
            yield (
                f"provider kubernetes doesn't shift traffic: Flagger runs {FORCED_ITERATIONS} iterations instead of"
                " the weights, and users reach the new version only after the promotion"
            )
        if context.analysis.match:
            yield "provider kubernetes can't match requests: A/B testing becomes blue/green"
    if approach.strategy is Strategy.AB and not approach.matching_only:
        yield f"provider {approach.provider} can't match requests: all users reach the new version in iteration 1"
    if context.analysis.match and approach.strategy is Strategy.WEIGHTS:
        yield "match without iterations isn't an A/B test: Flagger follows the weights"


def _silent_iterations(context: WarningContext) -> Iterator[str]:
    """Blue/green keeps users off the new version, and a window without requests has no value."""
    approach = context.approach
    silent = approach.strategy is Strategy.BLUE_GREEN and not approach.mirror
    if silent and context.analysis.metrics and not context.canary.hooks(ROLLOUT, "pre-rollout"):
        yield (
            "during the iterations no user reaches the new version and nothing else sends requests to it: success rate"
            " and duration have no values, so their checks fail; add a load test as a rollout webhook, or set mirror"
        )


def _affinity(context: WarningContext) -> Iterator[str]:
    if context.analysis.affinity:
        if provider_of(context.approach.provider).affinity:
            yield "sessionAffinity: users who reach the new version stay on it, so its share exceeds the weight"
        else:
            yield f"provider {context.approach.provider} ignores sessionAffinity"


def _timing(context: WarningContext) -> Iterator[str]:
    deadline = context.canary.deadline
    if context.pod_start > deadline:
        yield (
            f"pods need {format_seconds(context.pod_start)} to become ready, but progressDeadlineSeconds is {deadline}:"
            " Flagger rolls back every release before it analyzes it"
        )
    written = context.analysis.interval
    try:
        interval = parse_duration(written)
    except DurationError:
        if written:
            yield f"interval {written!r} isn't a valid duration: Flagger uses {format_seconds(context.canary.interval)}"
        return
    if interval < context.canary.interval:
        yield f"interval {written} is below Flagger's minimum: Flagger uses {format_seconds(context.canary.interval)}"


def _threshold(context: WarningContext) -> Iterator[str]:
    if context.analysis.threshold < 1 and context.approach.strategy is not Strategy.SKIP:
        yield f"threshold {context.analysis.threshold} counts as 1: Flagger rolls back after the first failed check"


def _suspended(context: WarningContext) -> Iterator[str]:
    if context.canary.suspend:
        yield "suspend: Flagger ignores new versions; no user reaches them while the target has zero replicas"


_DETECTORS: tuple[Callable[[WarningContext], Iterator[str]], ...] = (
    _suspended,
    _stalls,
    _success_fails,
    _timing,
    _blind,
    _silent_iterations,
    _provider,
    _overshoot,
    _steps,
    _threshold,
    _affinity,
    _ineffective,
    _cut,
)
