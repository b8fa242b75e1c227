"""What a reader of the Canary would not expect, in plain words, each with the numbers that make it so.

Seen in the courses where it can be seen there, so that only what really happens is told; read in the spec otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chartgen.flagger.canary import ROLLOUT
from chartgen.flagger.go_durations import DurationError, parse_duration
from chartgen.flagger.providers import provider_of
from chartgen.flagger.strategy import FORCED_ITERATIONS, KUBERNETES, Strategy
from chartgen.planning.amounts import told_seconds
from chartgen.planning.scenario_run import Ending
from chartgen.planning.scenarios import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chartgen.flagger.canary import Analysis, Canary
    from chartgen.planning.scenario_run import ScenarioRun
    from chartgen.planning.strategy import Approach


_ALL_PASS = (Kind.SUCCESS, Kind.SLOW_START, Kind.GATE_CLOSED)
_GATES = ("confirm-rollout", "confirm-traffic-increase", "confirm-promotion")


@dataclass(frozen=True, slots=True)
class WarningContext:
    """What the observers look at: the Canary, its approach, all courses played, and the pods' start-up time."""

    canary: Canary
    approach: Approach
    courses: tuple[ScenarioRun, ...]
    pod_start: float

    @property
    def analysis(self) -> Analysis:
        return self.canary.analysis

    @property
    def success(self) -> ScenarioRun | None:
        return next((one for one in self.courses if one.scenario.kind is Kind.SUCCESS), None)


def warnings(scene: WarningContext) -> tuple[str, ...]:
    """All of them, the gravest first."""
    return tuple(dict.fromkeys(text for look in _LOOKS for text in look(scene)))


def _stalls(scene: WarningContext) -> Iterator[str]:
    for course in scene.courses:
        if course.stall:
            yield f"{course.scenario.text}: {course.stall}"


def _ineffective(scene: WarningContext) -> Iterator[str]:
    """Scenarios in which nothing comes of what they are about."""
    for course in scene.courses:
        scenario = course.scenario
        reached = max((moment.canary for moment in course.ticks), default=0)
        if scenario.kind is Kind.GATE_CLOSED and not scene.canary.hooks(*_GATES):
            yield f"{scenario.text}: the Canary has no gate, so nothing waits"
        elif scenario.kind is Kind.FAIL and scenario.weight > reached and course.ending is not Ending.INITIALIZED:
            yield f"{scenario.text}: no check ever sees weight {scenario.weight:g}, the highest is {reached:g}"


def _cut(scene: WarningContext) -> Iterator[str]:
    for course in scene.courses:
        if course.ending is Ending.CUT:
            yield f"{course.scenario.text}: cut after {len(course.ticks)} ticks, nothing has ended it by then"


def _success_fails(scene: WarningContext) -> Iterator[str]:
    for course in scene.courses:
        if course.ending is Ending.ROLLED_BACK and course.scenario.kind in _ALL_PASS:
            last = [event.text for event in course.ticks[-1].events if event.type == "Warning"]
            told = f": {last[0]}" if last else ""
            yield f"{course.scenario.text}: a release whose every check passes is rolled back{told}"


def _overshoot(scene: WarningContext) -> Iterator[str]:
    course = scene.success
    if course is None or scene.approach.strategy is not Strategy.WEIGHTS:
        return
    reached = max((moment.canary for moment in course.ticks), default=0)
    wanted, step = scene.analysis.max_weight, scene.analysis.step_weight
    if 0 < wanted < reached and not scene.approach.weights:
        yield f"stepWeight {step} with maxWeight {wanted} sends {reached:g} %: the last step is not cut at maxWeight"


def _steps(scene: WarningContext) -> Iterator[str]:
    weights, course = scene.approach.weights, scene.success
    if not weights or course is None or scene.approach.strategy is not Strategy.WEIGHTS:
        return
    sent = {moment.canary for moment in course.ticks}
    never = [str(weight) for weight in weights if min(weight, 100) not in sent]
    if never and course.ending is Ending.PROMOTED:
        yield f"stepWeights {list(weights)} never sends {', '.join(never)} %: the last element is the maximum"
    if scene.analysis.max_weight:
        yield f"maxWeight {scene.analysis.max_weight} is ignored: with stepWeights the last element is the maximum"


def _blind(scene: WarningContext) -> Iterator[str]:
    if scene.approach.strategy is Strategy.SKIP:
        yield "skipAnalysis: every release is promoted unseen as soon as its pods are ready"
    elif not scene.analysis.metrics and not scene.canary.hooks(ROLLOUT):
        yield "nothing is measured: without metrics and rollout hooks every release is promoted, however bad"


def _provider(scene: WarningContext) -> Iterator[str]:
    how = scene.approach
    if how.provider == KUBERNETES and how.strategy is Strategy.BLUE_GREEN:
        if scene.analysis.iterations < 1:
            yield (
                f"provider kubernetes shifts no traffic: the weights are replaced by {FORCED_ITERATIONS} iterations,"
                " and users meet the new version only after the promotion"
            )
        if scene.analysis.match:
            yield "provider kubernetes cannot match requests: A/B testing becomes blue/green"
    if how.strategy is Strategy.AB and not how.matching_only:
        yield f"provider {how.provider} cannot match requests: at the first iteration all users go to the new version"
    if scene.analysis.match and how.strategy is Strategy.WEIGHTS:
        yield "match without iterations is no A/B test: the weights decide"


def _silent_iterations(scene: WarningContext) -> Iterator[str]:
    """Blue/green keeps users off the new version, and a window without requests has no value."""
    how = scene.approach
    silent = how.strategy is Strategy.BLUE_GREEN and not how.mirror
    if silent and scene.analysis.metrics and not scene.canary.hooks(ROLLOUT, "pre-rollout"):
        yield (
            "during the iterations no user reaches the new version and nothing else sends requests to it: success rate"
            " and duration have no values, which fails the check; add a load test as a rollout hook, or mirror"
        )


def _affinity(scene: WarningContext) -> Iterator[str]:
    if scene.analysis.affinity:
        if provider_of(scene.approach.provider).affinity:
            yield "sessionAffinity: who met the new version once stays there, so its share exceeds the weight"
        else:
            yield f"sessionAffinity is ignored by provider {scene.approach.provider}"


def _timing(scene: WarningContext) -> Iterator[str]:
    deadline = scene.canary.deadline
    if scene.pod_start > deadline:
        yield (
            f"pods need {told_seconds(scene.pod_start)} to become ready and progressDeadlineSeconds is {deadline}:"
            " every release is rolled back before it is looked at"
        )
    written = scene.analysis.interval
    try:
        asked = parse_duration(written)
    except DurationError:
        if written:
            yield f"interval {written!r} cannot be read: Flagger takes {told_seconds(scene.canary.interval)}"
        return
    if asked < scene.canary.interval:
        yield f"interval {written} is below Flagger's shortest: it takes {told_seconds(scene.canary.interval)}"


def _threshold(scene: WarningContext) -> Iterator[str]:
    if scene.analysis.threshold < 1 and scene.approach.strategy is not Strategy.SKIP:
        yield f"threshold {scene.analysis.threshold} counts as 1: the first failed check ends the release"


def _suspended(scene: WarningContext) -> Iterator[str]:
    if scene.canary.suspend:
        yield "suspend: no release is looked at; new versions reach nobody while the target states at zero replicas"


_LOOKS: tuple[Callable[[WarningContext], Iterator[str]], ...] = (
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
