"""How metrics servers and webhooks answer Flagger in a scenario: they pass, fail, or have no value."""

# ruff: noqa: ARG002 - the methods have the parameters of the Protocol Answers

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.canary import ROLLOUT
from chartgen.flagger.schedule import NO_VALUES, HookAnswer, failing_answer, observer_name, passing_answer
from chartgen.planning.no_values import no_values_reason
from chartgen.planning.scenarios import ScenarioKind

if TYPE_CHECKING:
    import random

    from chartgen.flagger.canary import Canary, Metric, Webhook
    from chartgen.flagger.schedule import MetricAnswer, TickContext
    from chartgen.planning.scenarios import Scenario

_GATES = ("confirm-rollout", "confirm-traffic-increase", "confirm-promotion")
# The load tester's own answers: a closed gate, a rollback hook that requests no rollback, and a failing hook.
_CLOSED, _NO_ROLLBACK = HookAnswer(403), HookAnswer(403)
_BROKEN = HookAnswer(400)


class ScenarioAnswers:
    """Checks pass unless a subclass decides otherwise; gates are open unless `gates_closed`."""

    def __init__(self, canary: Canary, *, gates_closed: bool = False) -> None:
        self.canary = canary
        self.gates_closed = gates_closed

    def fails(self, context: TickContext) -> bool:
        """Whether the analysis fails at this tick."""
        return False

    def metric(self, metric: Metric, source: str, context: TickContext) -> MetricAnswer:
        if metric.is_builtin and no_values_reason(self.canary):
            return NO_VALUES
        answer = failing_answer if self.fails(context) else passing_answer
        return answer(metric, source, observer_name(self.canary))

    def hook(self, hook: Webhook, phase: str, context: TickContext) -> HookAnswer:
        if hook.type == "rollback":
            return _NO_ROLLBACK
        if hook.type in _GATES:
            return _CLOSED if self.gates_closed else HookAnswer()
        hook_decides = not self.canary.analysis.metrics and hook.type == ROLLOUT
        return _BROKEN if hook_decides and self.fails(context) else HookAnswer()


class FailingAnswers(ScenarioAnswers):
    """Checks fail at canary weight `weight` and above; with 0, from the first analysis tick."""

    def __init__(self, canary: Canary, *, weight: float = 0.0) -> None:
        super().__init__(canary)
        self.weight = weight

    def fails(self, context: TickContext) -> bool:
        return context.canary_weight >= self.weight


class HookFailsAnswers(ScenarioAnswers):
    """The webhook with the name `failing` fails; everything else passes."""

    def __init__(self, canary: Canary, *, failing: str) -> None:
        super().__init__(canary)
        self.failing = failing

    def hook(self, hook: Webhook, phase: str, context: TickContext) -> HookAnswer:
        return _BROKEN if hook.name == self.failing else ScenarioAnswers.hook(self, hook, phase, context)


class FlakyAnswers:
    """Each check fails at random. One random number per tick decides, because Flagger counts failures per tick."""

    def __init__(self, canary: Canary, probability: float, rng: random.Random) -> None:
        self.canary = canary
        self.probability = probability
        self.rng = rng
        self._failed_ticks: dict[int, bool] = {}

    def metric(self, metric: Metric, source: str, context: TickContext) -> MetricAnswer:
        return self._answers_at(context).metric(metric, source, context)

    def hook(self, hook: Webhook, phase: str, context: TickContext) -> HookAnswer:
        return self._answers_at(context).hook(hook, phase, context)

    def _answers_at(self, context: TickContext) -> ScenarioAnswers:
        if context.tick not in self._failed_ticks:
            self._failed_ticks[context.tick] = self.rng.random() < self.probability
        return FailingAnswers(self.canary) if self._failed_ticks[context.tick] else ScenarioAnswers(self.canary)


class NoValueAnswers(ScenarioAnswers):
    """No metric has a value."""

    def metric(self, metric: Metric, source: str, context: TickContext) -> MetricAnswer:
        return NO_VALUES


def answers_for(scenario: Scenario, canary: Canary) -> ScenarioAnswers:
    """The answers of a scenario. For `flaky` they all pass: the caller adds the random failures."""
    match scenario.kind:
        case ScenarioKind.FAIL:
            return FailingAnswers(canary, weight=scenario.weight)
        case ScenarioKind.NO_TRAFFIC:
            return NoValueAnswers(canary)
        case ScenarioKind.GATE_CLOSED:
            return ScenarioAnswers(canary, gates_closed=True)
        case ScenarioKind.HOOK_FAILS:
            return HookFailsAnswers(canary, failing=scenario.hook)
        case _:
            return ScenarioAnswers(canary)
