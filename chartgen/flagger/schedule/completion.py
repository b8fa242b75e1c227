"""How a run completes: traffic back to the primary, success, rollback, failed promotion, skipped analysis."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.schedule import autoscalers, hooks
from chartgen.flagger.schedule.errors import StepError
from chartgen.flagger.schedule.routes import TO_CANARY, TO_PRIMARY, TOTAL, Routes
from chartgen.flagger.schedule.state import FAILED, FINALISING, SUCCEEDED
from chartgen.flagger.schedule.strategies import enter
from chartgen.flagger.schedule.targets.target import sync_status
from chartgen.flagger.strategy import KUBERNETES

if TYPE_CHECKING:
    from chartgen.flagger.schedule.reconciliation import Reconciliation
    from chartgen.flagger.schedule.routers.router import Router
    from chartgen.flagger.schedule.targets.target import Target


def shift_to_primary(run: Reconciliation, router: Router, routes: Routes) -> None:
    """runPromotionTrafficShift: at once, or in steps of stepWeightPromotion."""
    if run.canary.provider == KUBERNETES:
        enter(run, FINALISING)
        return
    step = run.canary.analysis.step_weight_promotion
    if step == 0:
        run.normal("Routing all traffic to primary")
        router.set_routes(run, TO_PRIMARY)
        enter(run, FINALISING)
        return
    # With the canary's weight already 0, Flagger stays in this phase.
    if routes.canary <= 0:
        return
    new = Routes(min(TOTAL, routes.primary + step), max(0, routes.canary - step))
    router.set_routes(run, new)
    run.normal(f"Advance {run.canary.names.of_canary} primary weight {new.primary}")
    if new.primary == TOTAL:
        enter(run, FINALISING)
    else:
        run.write(canary_weight=new.canary)


def succeed(run: Reconciliation, target: Target) -> None:
    """Phase Finalising: scale the target to zero and enter Succeeded."""
    autoscalers.pause_target(run)
    target.scale_to_zero(run)
    enter(run, SUCCEEDED)
    event_phase = SUCCEEDED if run.behavior.succeeded_payload else None
    hooks.post_rollout(run, SUCCEEDED, event_phase)
    run.normal(f"Promotion completed! Scaling down {run.canary.names.of_target}", event_phase)


def skip(run: Reconciliation, target: Target, router: Router) -> None:
    """shouldSkipAnalysis: promotion in a single tick."""
    names = run.canary.names
    router.set_routes(run, TO_PRIMARY)
    run.normal(f"Copying {names.of_target} template spec to {names.of_primary}")
    target.promote(run)
    if run.canary.autoscaler:
        autoscalers.reconcile_primary(run)
        autoscalers.pause_target(run)
    target.scale_to_zero(run)
    enter(run, SUCCEEDED)
    event_phase = SUCCEEDED if run.behavior.succeeded_payload else None
    if run.behavior.skipped_run_hooks:
        hooks.post_rollout(run, SUCCEEDED, event_phase)
    run.normal(f"Promotion completed! Canary analysis was skipped for {names.of_target}", event_phase)


def rollback(run: Reconciliation, target: Target, router: Router) -> None:
    """Route all traffic to the primary; a failed step is a warning, and the next tick retries it."""
    names, failed = run.canary.names, run.cached.failed_checks
    if failed >= run.canary.threshold:
        run.warn(f"Rolling back {names.of_canary} failed checks threshold reached {failed}")
    try:
        router.set_routes(run, TO_PRIMARY)
        run.warn(f"Canary failed! Scaling down {names.of_canary}", FAILED)
        autoscalers.pause_target(run)
        target.scale_to_zero(run)
    except StepError as error:
        run.warn_of(error)
        return
    _fail(run, target, 0)


def fail_promotion(run: Reconciliation, target: Target, router: Router, cause: StepError) -> None:
    """handleFailedPromotion: the primary isn't ready, so the canary gets all traffic and keeps its pods."""
    message = f"Promotion of {run.canary.names.of_target} failed, primary not ready: {cause.text}"
    run.warn(message, open_ended=cause.open_ended)
    try:
        router.set_routes(run, TO_CANARY)
    except StepError as error:
        run.warn_of(error)
        return
    _fail(run, target, TOTAL)


def _fail(run: Reconciliation, target: Target, weight: int) -> None:
    try:
        sync_status(target, run, FAILED, weight=weight)
    except StepError:
        # Flagger only logs this.
        return
    hooks.post_rollout(run, FAILED)
