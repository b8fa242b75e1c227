"""A whole rollout: ticks at their times, with actions in between, until it ends, stalls or is cut."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chartgen.flagger.crd.releases import NEWEST
from chartgen.flagger.schedule.answers import HookAnswer
from chartgen.flagger.schedule.finalizer import after_deletion, finalize
from chartgen.flagger.schedule.metrics import observer_name, passing_answer
from chartgen.flagger.schedule.stall_detection import StallDetector, ends_in_warning
from chartgen.flagger.schedule.starting_state import POD_START, first_state
from chartgen.flagger.schedule.state import FAILED, INITIALIZED, SUCCEEDED
from chartgen.flagger.schedule.tick import advance
from chartgen.flagger.schedule.timeline import End, Outcome, Timeline
from chartgen.flagger.schedule.user_actions import Delete, NewVersion, apply_action
from chartgen.flagger.schedule.workloads import at_rest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from chartgen.flagger.canary import Canary, Metric, Webhook
    from chartgen.flagger.schedule.answers import Answers, MetricAnswer, TickContext
    from chartgen.flagger.schedule.state import State
    from chartgen.flagger.schedule.timeline import Tick
    from chartgen.flagger.schedule.user_actions import Action

# Seconds between a tick and the user's action after it.
_PAUSE = 5.0
_BOOTSTRAP_TICKS = 5


class AlwaysPassing:
    """Answers with which every check passes: gates are open, rollback hooks don't request a rollback."""

    def __init__(self, canary: Canary) -> None:
        self._observer = observer_name(canary)

    def metric(self, metric: Metric, source: str, _context: TickContext) -> MetricAnswer:
        return passing_answer(metric, source, self._observer)

    def hook(self, hook: Webhook, _phase: str, _context: TickContext) -> HookAnswer:
        return HookAnswer(403 if hook.type == "rollback" else 200)


def simulate(
    canary: Mapping[str, Any],
    objects: Sequence[Mapping[str, Any]],
    answers: Answers | None = None,
    actions: Iterable[tuple[int, Action]] = (),
    *,
    flagger: str = NEWEST,
    max_ticks: int = 1000,
    pod_start: float = POD_START,
) -> Timeline:
    """The first installation of a Canary with its objects, and the effect of `actions` (tick number, action after it).

    Ends when a run has succeeded or failed and no action is left. Never raises, for any documents.
    """
    state = first_state(canary, objects, pod_start=pod_start)
    return rollout(state, answers or AlwaysPassing(state.canary), actions, flagger=flagger, max_ticks=max_ticks)


def upgrade(
    canary: Mapping[str, Any],
    objects: Sequence[Mapping[str, Any]],
    answers: Answers | None = None,
    *,
    flagger: str = NEWEST,
    max_ticks: int = 1000,
    pod_start: float = POD_START,
) -> Timeline:
    """A new version for a Canary that is already initialized; tick 0 is the one that detects it.

    If initialization never completes, the timeline shows the attempt.
    """
    state, stuck = initialized_state(canary, objects, flagger=flagger, pod_start=pod_start)
    if stuck is not None:
        return stuck
    changed = apply_action(state, NewVersion(), -_PAUSE)
    return rollout(changed, answers or AlwaysPassing(state.canary), (), flagger=flagger, max_ticks=max_ticks)


def initialized_state(
    canary: Mapping[str, Any],
    objects: Sequence[Mapping[str, Any]],
    *,
    flagger: str = NEWEST,
    pod_start: float = POD_START,
) -> tuple[State, Timeline | None]:
    """The state of an initialized Canary with all pods ready, at second 0; else the timeline that shows why not."""
    state = first_state(canary, objects, pod_start=0.0)
    timeline = rollout(state, AlwaysPassing(state.canary), (), flagger=flagger, max_ticks=_BOOTSTRAP_TICKS)
    last = timeline.ticks[-1] if timeline.ticks else None
    if last is None or last.phase != INITIALIZED:
        state = first_state(canary, objects, pod_start=pod_start)
        return state, rollout(state, AlwaysPassing(state.canary), (), flagger=flagger)
    workloads = {key: at_rest(each, pod_start) for key, each in last.state.workloads.items()}
    status = last.state.status._replace(transition=0.0)
    return replace(last.state, workloads=workloads, status=status, second=0.0), None


def rollout(
    state: State,
    answers: Answers,
    actions: Iterable[tuple[int, Action]] = (),
    *,
    flagger: str = NEWEST,
    max_ticks: int = 1000,
) -> Timeline:
    """Simulate ticks from a state, at the Canary's interval (a longer tick delays the next one)."""
    ticks: list[Tick] = []
    if not state.scheduled:
        reason = "Flagger's own checks reject this Canary: Flagger never processes it, and only its log says so"
        return Timeline((), Outcome(End.REFUSED, reason))
    left = sorted(actions, key=lambda each: each[0])
    second, detector = 0.0, StallDetector()
    for number in range(max_ticks):
        tick = advance(state, answers, number=number, second=second, flagger=flagger)
        ticks.append(tick)
        due = [action for after, action in left if after <= number]
        left = [each for each in left if each[0] > number]
        before, state = state, tick.state
        # Go's ticker drops ticks while an earlier one still runs.
        interval = state.canary.interval
        next_second = second + interval * max(1, -(-tick.lasted // interval))
        for action in due:
            deleted, state = _apply(state, action, second + _PAUSE)
            if deleted:
                return _deletion(ticks, state, answers, second + _PAUSE, flagger)
        if state.canary.interval != interval:
            # controller.go:scheduleCanaries stops the job and starts a new one, which runs at once.
            next_second = second + _PAUSE
        if not due and not left and (outcome := _outcome(tick, before, detector)):
            return Timeline(tuple(ticks), outcome)
        second = next_second
    return Timeline(tuple(ticks), Outcome(End.CUT, f"cut after {max_ticks} ticks"))


def _apply(state: State, action: Action, second: float) -> tuple[bool, State]:
    if isinstance(action, Delete) and action.kind == "Canary":
        return True, state
    return False, apply_action(state, action, second)


def _deletion(ticks: list[Tick], state: State, answers: Answers, second: float, flagger: str) -> Timeline:
    if state.canary.revert_on_deletion:
        ticks.append(finalize(state, answers, number=len(ticks), second=second, flagger=flagger))
    elif ticks:
        ticks[-1] = ticks[-1]._replace(state=after_deletion(state))
    return Timeline(tuple(ticks), Outcome(End.DELETED))


def _outcome(tick: Tick, before: State, detector: StallDetector) -> Outcome | None:
    reason = detector.stall(tick)
    if tick.phase == SUCCEEDED and before.status.phase != SUCCEEDED:
        return Outcome(End.SUCCEEDED)
    if tick.phase == FAILED and before.status.phase != FAILED:
        return Outcome(End.FAILED)
    if tick.phase == INITIALIZED and reason is not None and not ends_in_warning(tick):
        return Outcome(End.SUCCEEDED, "initialized; nothing changes anymore")
    return None if reason is None else Outcome(End.STALLED, reason)
