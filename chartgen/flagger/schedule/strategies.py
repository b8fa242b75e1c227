"""Weight steps, blue/green and A/B (scheduler.go:runCanary, runBlueGreen, runAB, nextStepWeight, maxWeight)."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from chartgen.flagger.schedule import hooks
from chartgen.flagger.schedule.errors import StepError
from chartgen.flagger.schedule.routes import MIRRORED, TO_CANARY, TOTAL, Routes
from chartgen.flagger.schedule.state import FINALISING, PROMOTING, WAITING_PROMOTION
from chartgen.flagger.strategy import FORCED_ITERATIONS, KUBERNETES

if TYPE_CHECKING:
    from chartgen.flagger.canary import Analysis
    from chartgen.flagger.schedule.reconciliation import Reconciliation
    from chartgen.flagger.schedule.routers.router import Router
    from chartgen.flagger.schedule.targets.target import Target


def max_weight(analysis: Analysis) -> int:
    """The weight at which the run is promoted. Flagger doesn't clamp `maxWeight`."""
    if analysis.step_weights:
        return min(TOTAL, analysis.step_weights[-1])
    return analysis.max_weight if analysis.max_weight > 0 else TOTAL


def next_step(analysis: Analysis, weight: int) -> int:
    """How much the next step adds; at 0 or less, the run stalls here."""
    if analysis.step_weight > 0 or not analysis.step_weights:
        return analysis.step_weight
    room = TOTAL - weight
    if room == 0:
        return 1
    if weight == 0:
        return min(room, analysis.step_weights[0])
    for low, high in pairwise(analysis.step_weights):
        if low == weight:
            return min(room, high - weight)
    return room


def advance(run: Reconciliation, target: Target, router: Router, routes: Routes) -> None:
    """The last step of a tick after the analysis passed."""
    matches = run.canary.analysis.match
    if run.canary.provider == KUBERNETES:
        if matches:
            run.warn("A/B testing is not supported when using the kubernetes provider")
            matches = ()
        if run.iterations < 1:
            run.warn("Progressive traffic is not supported when using the kubernetes provider")
            run.warn("Setting canaryAnalysis.iterations: 10")
            run.iterations = FORCED_ITERATIONS
    if run.iterations > 0:
        if matches:
            _ab(run, target, router)
        else:
            _blue_green(run, target, router, routes)
    elif next_step(run.canary.analysis, routes.canary) > 0:
        gated = not routes.mirrored and run.cached.phase not in {PROMOTING, WAITING_PROMOTION, FINALISING}
        if gated and not hooks.confirm_traffic_increase(run):
            return
        _weights(run, target, router, routes)


def _weights(run: Reconciliation, target: Target, router: Router, routes: Routes) -> None:
    analysis = run.canary.analysis
    if routes.canary >= max_weight(analysis):
        if hooks.confirm_promotion(run):
            _copy(run, target)
        return
    step = next_step(analysis, routes.canary)
    # One step of mirroring precedes the first weight.
    if not analysis.mirror or routes.canary > 0:
        new = Routes(max(0, routes.primary - step), min(TOTAL, routes.canary + step), routes.mirrored)
    elif routes.mirrored:
        new = Routes(TOTAL - step, step)
    else:
        new = MIRRORED
    router.set_routes(run, new)
    run.write(canary_weight=new.canary)
    run.normal(f"Advance {run.canary.names.of_canary} canary weight {new.canary}")


def _ab(run: Reconciliation, target: Target, router: Router) -> None:
    done = run.cached.iterations
    if run.iterations > done:
        router.set_routes(run, TO_CANARY)
        _iterate(run)
    elif hooks.confirm_promotion(run) and run.iterations == done:
        _copy(run, target)


def _blue_green(run: Reconciliation, target: Target, router: Router, routes: Routes) -> None:
    done, routed = run.cached.iterations, run.canary.provider != KUBERNETES
    mirror = run.canary.analysis.mirror
    if run.iterations > done:
        if routed and mirror and not routes.mirrored:
            _start_mirroring(run, router)
        _iterate(run)
        return
    if not hooks.confirm_promotion(run):
        return
    if run.iterations < done:
        _copy(run, target)
        return
    if routed:
        stopped = "Stop traffic mirroring and route all traffic to canary"
        run.normal(stopped if mirror else "Routing all traffic to canary")
        router.set_routes(run, TO_CANARY)
    run.write(iterations=done + 1)


def _start_mirroring(run: Reconciliation, router: Router) -> None:
    """Mirror traffic; if this fails, the iteration counts nevertheless."""
    try:
        router.set_routes(run, MIRRORED)
    except StepError as error:
        run.warn_of(error)


def _iterate(run: Reconciliation) -> None:
    done = run.cached.iterations + 1
    run.write(iterations=done)
    run.normal(f"Advance {run.canary.names.of_canary} canary iteration {done}/{run.iterations}")


def _copy(run: Reconciliation, target: Target) -> None:
    names = run.canary.names
    run.normal(f"Copying {names.of_target} template spec to {names.of_primary}")
    target.promote(run)
    enter(run, PROMOTING)


def enter(run: Reconciliation, phase: str) -> None:
    """setStatusPhase for the phases of a promotion: all except Promoting (since 1.43) reset the displayed counters."""
    kept = phase == PROMOTING and run.behavior.promoting_keeps_counters
    counters = {} if kept else {"canary_weight": 0, "iterations": 0}
    promoted = {"last_promoted": run.cached.last_applied} if phase == "Succeeded" else {}
    run.write(phase, **counters, **promoted)
