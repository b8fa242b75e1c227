"""What the world answers Flagger in a scenario: metrics and hooks that pass, fail, or say nothing."""

# ruff: noqa: ARG002 - the methods take what the Protocol Answers hands them

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chartgen.flagger.planning.scenarios import Kind
from chartgen.flagger.schedule.answers import NO_VALUES, HookAnswer

if TYPE_CHECKING:
    import random

    from chartgen.flagger.canary import Canary, Metric, Webhook
    from chartgen.flagger.planning.scenarios import Scenario
    from chartgen.flagger.schedule.answers import MetricAnswer, Moment

_GATES = ("confirm-rollout", "confirm-traffic-increase", "confirm-promotion")
_SUCCESS_RATE, _DURATION = "request-success-rate", "request-duration"
# A gate that is closed, a hook that fails, a rollback hook that asks for none: the load tester's own answers.
_CLOSED, _NO_ROLLBACK = HookAnswer(403), HookAnswer(403)
_BROKEN = HookAnswer(400)
_FULL = 100.0


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Answers under which a check passes or fails as the subclass decides; gates open unless `gates_closed`."""

    canary: Canary
    gates_closed: bool = False

    def fails(self, moment: Moment) -> bool:
        """Whether the analysis fails at this moment."""
        return False

    def metric(self, metric: Metric, source: str, moment: Moment) -> MetricAnswer:
        return failing(metric, source, self.canary) if self.fails(moment) else passing(metric, source, self.canary)

    def hook(self, hook: Webhook, phase: str, moment: Moment) -> HookAnswer:
        if hook.type == "rollback":
            return _NO_ROLLBACK
        if hook.type in _GATES:
            return _CLOSED if self.gates_closed else HookAnswer()
        by_hook = not self.canary.analysis.metrics and hook.type in {"", "rollout"}
        return _BROKEN if by_hook and self.fails(moment) else HookAnswer()


@dataclass(frozen=True, slots=True)
class Failing(Verdicts):
    """Fails from a canary weight on, or from the first analysed tick where it is 0."""

    weight: float = 0.0

    def fails(self, moment: Moment) -> bool:
        return moment.canary_weight >= self.weight


@dataclass(frozen=True, slots=True)
class FailingFrom(Verdicts):
    """Fails from a tick on: a release that turns bad in the middle of its run."""

    tick: int = 0

    def fails(self, moment: Moment) -> bool:
        return moment.tick >= self.tick


@dataclass(slots=True)
class Flaky:
    """Each check fails by chance; one draw a tick decides it, for it is the tick that counts failures."""

    canary: Canary
    probability: float
    rng: random.Random
    _drawn: dict[int, bool] = field(default_factory=dict)

    def metric(self, metric: Metric, source: str, moment: Moment) -> MetricAnswer:
        return self._verdicts(moment).metric(metric, source, moment)

    def hook(self, hook: Webhook, phase: str, moment: Moment) -> HookAnswer:
        return self._verdicts(moment).hook(hook, phase, moment)

    def _verdicts(self, moment: Moment) -> Verdicts:
        if moment.tick not in self._drawn:
            self._drawn[moment.tick] = self.rng.random() < self.probability
        return Failing(self.canary) if self._drawn[moment.tick] else Verdicts(self.canary)


@dataclass(frozen=True, slots=True)
class Silent(Verdicts):
    """No metric has a value."""

    def metric(self, metric: Metric, source: str, moment: Moment) -> MetricAnswer:
        return NO_VALUES


def verdicts(scenario: Scenario, canary: Canary) -> Verdicts:
    """The answers of a scenario; those of `flaky` are the good ones (chance is laid over them elsewhere)."""
    match scenario.kind:
        case Kind.FAIL:
            return Failing(canary, weight=scenario.weight)
        case Kind.NO_TRAFFIC:
            return Silent(canary)
        case Kind.GATE_CLOSED:
            return Verdicts(canary, gates_closed=True)
        case _:
            return Verdicts(canary)


def passing(metric: Metric, source: str, canary: Canary) -> MetricAnswer:
    """The best value the metric can have: within its bounds where one is."""
    low, high = _bounds(metric, source)
    best = _FULL if _is_rate(metric, source) else 0.0
    if high is not None:
        best = min(best, high)
    if low is not None:
        best = max(best, low)
    best = min(best, _FULL) if _is_rate(metric, source) else best
    return _in_unit(best, metric, source, canary)


def failing(metric: Metric, source: str, canary: Canary) -> MetricAnswer:
    """A value beyond its bounds; none at all where no value is."""
    low, high = _bounds(metric, source)
    if low is not None and (low > 0 or not (_is_rate(metric, source) or _is_duration(metric, source))):
        return _in_unit(low - max(1.0, abs(low) / 20) if low > 1 or low < 0 else low / 2, metric, source, canary)
    if high is not None and not (_is_rate(metric, source) and high >= _FULL):
        return _in_unit(high + max(1.0, abs(high)), metric, source, canary)
    return NO_VALUES


def _bounds(metric: Metric, source: str) -> tuple[float | None, float | None]:
    """The values between which it passes (scheduler_metrics.go): a threshold bounds a success rate from below."""
    if metric.ranged:
        return metric.minimum, metric.maximum
    return (metric.threshold, None) if _is_rate(metric, source) else (None, metric.threshold)


def _is_rate(metric: Metric, source: str) -> bool:
    return source == "builtin" and metric.name == _SUCCESS_RATE


def _is_duration(metric: Metric, source: str) -> bool:
    return source == "builtin" and metric.name == _DURATION


def _in_unit(value: float, metric: Metric, source: str, canary: Canary) -> float:
    """Bounds of a duration are milliseconds, and some providers' queries answer seconds (observers of `http.go`)."""
    seconds = _is_duration(metric, source) and answers_in_seconds(canary.provider)
    return value / 1000 if seconds else value


def answers_in_seconds(provider: str) -> bool:
    return provider == "kubernetes" or provider.startswith("gatewayapi")
