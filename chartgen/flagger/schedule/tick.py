"""One tick of a Canary, in the order of Flagger's steps (pkg/controller/scheduler.go:advanceCanary)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.flagger.behavior import behavior
from chartgen.flagger.schedule import autoscalers, completion, hooks, metrics, services, strategies
from chartgen.flagger.schedule.errors import StepError
from chartgen.flagger.schedule.reconciliation import Reconciliation
from chartgen.flagger.schedule.routers import router_of
from chartgen.flagger.schedule.routes import TO_PRIMARY
from chartgen.flagger.schedule.state import (
    ANALYSED_PHASES,
    BOOTSTRAP_PHASES,
    FAILED,
    FINALISING,
    INITIALIZED,
    PROGRESSING,
    PROMOTING,
    RUN_PHASES,
    State,
)
from chartgen.flagger.schedule.targets import target_of
from chartgen.flagger.schedule.targets.target import has_changed, sync_status
from chartgen.flagger.schedule.timeline import Tick

if TYPE_CHECKING:
    from chartgen.flagger.schedule.answers import Answers
    from chartgen.flagger.schedule.routers.router import Router
    from chartgen.flagger.schedule.routes import Routes
    from chartgen.flagger.schedule.state import Selector
    from chartgen.flagger.schedule.targets.target import Target


def advance(state: State, answers: Answers, *, number: int, second: float, flagger: str) -> Tick:
    """Simulate one tick of a state at a second. The given state doesn't change."""
    run = Reconciliation(state, answers, number, second, behavior(flagger))
    if state.exists:
        _TickSteps(run).execute()
    return as_tick(run)


def as_tick(run: Reconciliation) -> Tick:
    """The finished reconciliation as a Tick."""
    status, names, kind = run.stored, run.canary.names, run.canary.target_kind
    target, primary = run.workload(kind, names.target), run.workload(kind, names.primary)
    return Tick(
        number=run.number,
        second=run.second,
        lasted=run.now - run.second,
        events=tuple(run.events),
        metric_calls=tuple(run.metric_calls),
        hook_calls=tuple(run.hook_calls),
        phase=status.phase,
        failed_checks=status.failed_checks,
        iterations=status.iterations,
        canary_weight=status.canary_weight,
        promoted=status.promoted,
        routes=_current_routes(run),
        target_replicas=target.replicas if target else None,
        primary_replicas=primary.replicas if primary else None,
        state=run.state(),
        waits=tuple(run.waits),
    )


def _current_routes(run: Reconciliation) -> Routes | None:
    """The weights of the route after the tick."""
    run.cached = run.stored
    try:
        return router_of(run.canary.provider).routes(run)
    except StepError:
        return None


class _TickSteps:
    """The steps of one tick, numbered in Flagger's order."""

    __slots__ = ("router", "run", "target")

    def __init__(self, run: Reconciliation) -> None:
        self.run = run
        self.target: Target = target_of(run.canary)
        self.router: Router = router_of(run.canary.provider)

    def execute(self) -> None:
        run = self.run
        if run.canary.suspend:
            run.normal("skipping canary run as object is suspended")
            return
        try:
            if not self._prepare():
                return
            if self._should_advance() and self._primary_is_ready():
                self._follow_revision()
        except StepError as error:
            run.warn_of(error)

    def _prepare(self) -> bool:
        """Steps 4 to 13: create or update the Canary's objects; after bootstrapping it is Initialized."""
        run, canary = self.run, self.run.canary
        bootstrapping = run.cached.phase in BOOTSTRAP_PHASES
        selector = self.target.selector(run)
        with_services = canary.target_kind != "Service"
        if with_services:
            services.reconcile_workload_services(run, selector)
        if bootstrapping and not canary.skip_analysis:
            metrics.check_providers(run)
        if canary.provider.startswith("appmesh"):
            self.router.reconcile(run)
        try:
            self.target.initialize(run)
        except StepError as error:
            run.warn_of(error)
            if not error.retriable:
                completion.rollback(run, self.target, self.router)
            return False
        self._reconcile_objects(selector, bootstrapping=bootstrapping, with_services=with_services)
        if bootstrapping:
            self._finish_bootstrap()
        return True

    def _reconcile_objects(self, selector: Selector, *, bootstrapping: bool, with_services: bool) -> None:
        """Steps 9 to 12."""
        run = self.run
        if run.canary.autoscaler:
            autoscalers.reconcile_primary(run)
            if bootstrapping:
                autoscalers.pause_target(run)
        if with_services:
            services.reconcile_apex_service(run, selector)
        if bootstrapping:
            self._scale_down()
        if not run.canary.provider.startswith("appmesh"):
            self.router.reconcile(run)

    def _scale_down(self) -> None:
        run = self.run
        try:
            self.target.scale_to_zero(run)
        except StepError as error:
            prefix = f"scaling down canary {run.canary.target_kind} {run.canary.names.of_target} failed"
            raise error.within(prefix) from error

    def _finish_bootstrap(self) -> None:
        """Step 13. Flagger updates its cached status only with the phase, the revision and the configs."""
        run = self.run
        try:
            sync_status(self.target, run, INITIALIZED)
        except StepError as error:
            raise error.within(f"failed to sync canary {run.canary.names.of_canary} status") from error
        run.update_cached(
            phase=INITIALIZED, last_applied=run.stored.last_applied, tracked_configs=run.stored.tracked_configs
        )
        run.normal(f"Initialization done! {run.canary.names.of_canary}")

    def _should_advance(self) -> bool:
        """Step 14. After a failed run, record the target's current revision first."""
        run = self.run
        if run.cached.phase in RUN_PHASES:
            return True
        if run.cached.phase == FAILED:
            sync_status(
                self.target, run, FAILED, failed_checks=run.cached.failed_checks, weight=run.cached.canary_weight
            )
        return has_changed(self.target, run) or self.target.configs_changed(run)

    def _primary_is_ready(self) -> bool:
        """Step 15."""
        run = self.run
        if run.canary.skip_analysis:
            return True
        try:
            self.target.primary_ready(run)
        except StepError as error:
            run.warn_of(error)
            if not error.retriable:
                if run.behavior.failed_promotion and run.cached.phase in {PROMOTING, FINALISING}:
                    completion.fail_promotion(run, self.target, self.router, error)
                else:
                    completion.rollback(run, self.target, self.router)
            return False
        return True

    def _follow_revision(self) -> None:
        """Steps 16 to 20."""
        run = self.run
        routes = run.routes = self.router.routes(run)
        if run.cached.phase not in {*ANALYSED_PHASES, PROMOTING, FINALISING}:
            self._begin_run()
            return
        if self._restarted():
            return
        try:
            self.target.canary_ready(run)
        except StepError as error:
            run.warn_of(error)
            if not error.retriable:
                completion.rollback(run, self.target, self.router)
            return
        if run.canary.skip_analysis:
            completion.skip(run, self.target, self.router)
        else:
            self._advance_phase(routes)

    def _begin_run(self) -> None:
        """Step 17: start a new run if the gates are open."""
        run = self.run
        if not hooks.confirm_rollout(run):
            return
        run.normal(f"New revision detected! Scaling up {run.canary.names.of_target}", PROGRESSING)
        autoscalers.resume_target(run)
        self.target.scale_from_zero(run)
        try:
            sync_status(self.target, run, PROGRESSING)
        except StepError:
            # Flagger only logs this.
            return

    def _restarted(self) -> bool:
        """Step 18. A target that can't be compared counts as unchanged."""
        run = self.run
        if run.cached.phase not in ANALYSED_PHASES or not self._changed():
            return False
        run.normal(f"New revision detected! Restarting analysis for {run.canary.names.of_target}")
        self.router.set_routes(run, TO_PRIMARY)
        sync_status(self.target, run, PROGRESSING)
        return True

    def _changed(self) -> bool:
        try:
            return has_changed(self.target, self.run) or self.target.configs_changed(self.run)
        except StepError:
            return False

    def _advance_phase(self, routes: Routes) -> None:
        """Steps 21 to 27."""
        run, names = self.run, self.run.canary.names
        phase = run.cached.phase
        if phase in ANALYSED_PHASES and hooks.wants_rollback(run):
            run.warn(f"Rolling back {names.of_canary} manual webhook invoked")
            completion.rollback(run, self.target, self.router)
        elif phase == PROMOTING:
            if run.canary.autoscaler:
                autoscalers.reconcile_primary(run)
            completion.shift_to_primary(run, self.router, routes)
        elif phase == FINALISING:
            completion.succeed(run, self.target)
        elif run.cached.failed_checks >= run.canary.threshold:
            completion.rollback(run, self.target, self.router)
        elif self._analysis_passes(routes):
            strategies.advance(run, self.target, self.router, routes)
        else:
            run.write(failed_checks=run.cached.failed_checks + 1)

    def _analysis_passes(self, routes: Routes) -> bool:
        """Step 25: before the canary gets traffic, the pre-rollout hooks replace the analysis."""
        run = self.run
        mirroring = run.canary.analysis.mirror and routes.mirrored
        if routes.canary == 0 and run.cached.iterations == 0 and not mirroring:
            run.normal(f"Starting canary analysis for {run.canary.names.of_target}")
            return hooks.pre_rollout(run)
        return hooks.rollout(run) and metrics.run_builtin_checks(run) and metrics.run_template_checks(run)
