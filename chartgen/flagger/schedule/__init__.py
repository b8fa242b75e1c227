"""What Flagger does with a Canary, tick by tick: pure functions without clock, randomness or I/O.

    simulate / upgrade                a whole rollout (first installation / new version) as a Timeline
    first_state, initialized_state    states to start from
    advance                           one tick: state and answers in, Tick (with the next state) out
    apply_action                      what users change between ticks

`Answers` supplies the answers of metrics servers and hooks; with `AlwaysPassing` every check passes. A State is
immutable: keep it, branch from it with different answers, compare `state.key()`.
"""

from __future__ import annotations

from chartgen.flagger.schedule.answers import (
    BACKEND_ERROR,
    NO_VALUES,
    NOT_A_NUMBER,
    Answers,
    HookAnswer,
    MetricAnswer,
    TickContext,
)
from chartgen.flagger.schedule.finalizer import after_deletion, finalize
from chartgen.flagger.schedule.metrics import failing_answer, observer_name, passing_answer
from chartgen.flagger.schedule.route_check import route_error
from chartgen.flagger.schedule.simulation import AlwaysPassing, initialized_state, rollout, simulate, upgrade
from chartgen.flagger.schedule.starting_state import POD_START, first_state
from chartgen.flagger.schedule.state import State, Status
from chartgen.flagger.schedule.tick import advance
from chartgen.flagger.schedule.timeline import End, Event, EventType, HookCall, MetricCall, Outcome, Tick, Timeline
from chartgen.flagger.schedule.user_actions import Action, Delete, NewVersion, Patch, apply_action
from chartgen.flagger.schedule.workloads import FAILING_PODS

__all__ = [
    "BACKEND_ERROR",
    "FAILING_PODS",
    "NOT_A_NUMBER",
    "NO_VALUES",
    "POD_START",
    "Action",
    "AlwaysPassing",
    "Answers",
    "Delete",
    "End",
    "Event",
    "EventType",
    "HookAnswer",
    "HookCall",
    "MetricAnswer",
    "MetricCall",
    "NewVersion",
    "Outcome",
    "Patch",
    "State",
    "Status",
    "Tick",
    "TickContext",
    "Timeline",
    "advance",
    "after_deletion",
    "apply_action",
    "failing_answer",
    "finalize",
    "first_state",
    "initialized_state",
    "observer_name",
    "passing_answer",
    "rollout",
    "route_error",
    "simulate",
    "upgrade",
]
