"""What the world answers Flagger in a scenario: metrics and hooks that pass, fail, or say nothing."""

# ruff: noqa: ARG002 - the methods take what the Protocol Answers hands them

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chartgen.flagger.canary import ROLLOUT
from chartgen.flagger.schedule import NO_VALUES, HookAnswer, failing_answer, observer_name, passing_answer
from chartgen.planning.scenarios import Kind

if TYPE_CHECKING:
    import random

    from chartgen.flagger.canary import Canary, Metric, Webhook
    from chartgen.flagger.schedule import MetricAnswer, TickContext
    from chartgen.planning.scenarios import Scenario

_GATES = ("confirm-rollout", "confirm-traffic-increase", "confirm-promotion")
# A gate that is closed, a hook that fails, a rollback hook that asks for none: the load tester's own answers.
_CLOSED, _NO_ROLLBACK = HookAnswer(403), HookAnswer(403)
_BROKEN = HookAnswer(400)


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Answers under which a check passes or fails as the subclass decides; gates open unless `gates_closed`."""

    canary: Canary
    gates_closed: bool = False

    def fails(self, moment: TickContext) -> bool:
        """Whether the analysis fails at this moment."""
        return False

    def metric(self, metric: Metric, source: str, moment: TickContext) -> MetricAnswer:
        answer = failing_answer if self.fails(moment) else passing_answer
        return answer(metric, source, observer_name(self.canary))

    def hook(self, hook: Webhook, phase: str, moment: TickContext) -> HookAnswer:
        if hook.type == "rollback":
            return _NO_ROLLBACK
        if hook.type in _GATES:
            return _CLOSED if self.gates_closed else HookAnswer()
        by_hook = not self.canary.analysis.metrics and hook.type == ROLLOUT
        return _BROKEN if by_hook and self.fails(moment) else HookAnswer()


@dataclass(frozen=True, slots=True)
class Failing(Verdicts):
    """Fails from a canary weight on, or from the first analysed tick where it is 0."""

    weight: float = 0.0

    def fails(self, moment: TickContext) -> bool:
        return moment.canary_weight >= self.weight


@dataclass(slots=True)
class Flaky:
    """Each check fails by chance; one draw a tick decides it, for it is the tick that counts failures."""

    canary: Canary
    probability: float
    rng: random.Random
    _drawn: dict[int, bool] = field(default_factory=dict)

    def metric(self, metric: Metric, source: str, moment: TickContext) -> MetricAnswer:
        return self._verdicts(moment).metric(metric, source, moment)

    def hook(self, hook: Webhook, phase: str, moment: TickContext) -> HookAnswer:
        return self._verdicts(moment).hook(hook, phase, moment)

    def _verdicts(self, moment: TickContext) -> Verdicts:
        if moment.tick not in self._drawn:
            self._drawn[moment.tick] = self.rng.random() < self.probability
        return Failing(self.canary) if self._drawn[moment.tick] else Verdicts(self.canary)


@dataclass(frozen=True, slots=True)
class Silent(Verdicts):
    """No metric has a value."""

    def metric(self, metric: Metric, source: str, moment: TickContext) -> MetricAnswer:
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
