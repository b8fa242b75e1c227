"""Deletion of a Canary: with revertOnDeletion Flagger reverts its changes (pkg/controller/finalizer.go)."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from chartgen.flagger.behavior import behavior
from chartgen.flagger.schedule import autoscalers, services
from chartgen.flagger.schedule.errors import StepError
from chartgen.flagger.schedule.reconciliation import Reconciliation
from chartgen.flagger.schedule.routers import router_of
from chartgen.flagger.schedule.state import TERMINATING, State, Status
from chartgen.flagger.schedule.targets import target_of
from chartgen.flagger.schedule.tick import as_tick
from chartgen.flagger.schedule.workloads import advanced_to

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.flagger.schedule.answers import Answers
    from chartgen.flagger.schedule.targets.target import Target
    from chartgen.flagger.schedule.timeline import Tick

# retry.OnError in finalize: waits of 3 s, 6 s, 12 s, none longer than the interval, at most four attempts.
_FIRST_WAIT, _LOOKS = 3.0, 4


def after_deletion(state: State) -> State:
    """The state without the Canary and the objects it owns. Workloads scaled to zero stay so."""
    names, kind = state.canary.names, state.canary.target_kind
    return replace(
        state,
        exists=False,
        status=Status(),
        objects={key: body for key, body in state.objects.items() if not services.owned(body)},
        workloads={key: each for key, each in state.workloads.items() if key != (kind, names.primary)},
    )


def finalize(state: State, answers: Answers, *, number: int, second: float, flagger: str) -> Tick:
    """The deletion of a Canary with revertOnDeletion, as a tick of its own."""
    run = Reconciliation(state, answers, number, second, behavior(flagger))
    names = run.canary.names
    if run.cached.phase != TERMINATING:
        run.write(TERMINATING, canary_weight=0, iterations=0)
        run.normal(f"Terminating canary {names.of_canary}")
    try:
        _revert(run, target_of(run.canary))
    except StepError:
        # Flagger only logs this; the Canary stays, and there is no retry.
        return as_tick(run)
    run.normal(f"Terminated canary {names.of_canary}")
    tick = as_tick(run)
    return tick._replace(
        state=after_deletion(tick.state),
        phase="",
        failed_checks=0,
        iterations=0,
        canary_weight=0,
        promoted=None,
        routes=None,
        primary_replicas=None,
    )


def _revert(run: Reconciliation, target: Target) -> None:
    autoscalers.resume_target(run)
    target.finalize(run)
    try:
        _await_ready(run, target)
    except StepError:
        if run.behavior.finalizer_waits:
            raise
    selector = target.selector(run)
    if run.canary.target_kind != "Service":
        services.revert_apex_service(run, selector)
    router_of(run.canary.provider).finalize(run)


def _await_ready(run: Reconciliation, target: Target) -> None:
    error: StepError | None = None
    for wait in _waits(run.canary.interval):
        run.wait(wait)
        run.workloads = {key: advanced_to(each, run.now) for key, each in run.workloads.items()}
        try:
            target.canary_ready(run)
        except StepError as found:
            error = found
            if not found.retriable:
                raise
        else:
            return
    if error:
        raise error


def _waits(longest: float) -> Iterator[float]:
    """k8s.io/apimachinery/pkg/util/wait.Backoff: no further attempt once the next wait would exceed the cap."""
    yield 0.0
    wait = _FIRST_WAIT
    for _ in range(_LOOKS - 1):
        yield wait
        if wait * 2 > (longest if longest > 0 else math.inf):
            return
        wait *= 2
