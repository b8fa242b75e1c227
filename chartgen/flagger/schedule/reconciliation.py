"""One tick in progress: what Flagger reads, writes, reports and queries while it processes a Canary once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chartgen.flagger.go_durations import DurationError, parse_duration
from chartgen.flagger.schedule.answers import HookAnswer, TickContext
from chartgen.flagger.schedule.timeline import Event, EventType, HookCall, MetricCall, WaitSnapshot
from chartgen.flagger.schedule.workloads import advanced_to

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chartgen.flagger.behavior import Behavior
    from chartgen.flagger.canary import Canary, Metric, Webhook
    from chartgen.flagger.schedule.answers import Answers, MetricAnswer
    from chartgen.flagger.schedule.errors import StepError
    from chartgen.flagger.schedule.routes import Routes
    from chartgen.flagger.schedule.state import Key, State, Status
    from chartgen.flagger.schedule.workloads import Workload


class Reconciliation:
    """The data of one tick. `cached` is the Canary's status as Flagger read it at the start (`cd` in Flagger's
    source), `stored` is the status in the cluster.

    Flagger keeps using the cached status: only some writes update it. Fields that a second write of the same tick
    doesn't set keep their stored values (pkg/canary/status.go, the retries on conflict).
    """

    __slots__ = (
        "_answers",
        "_before",
        "_written",
        "behavior",
        "cached",
        "canary",
        "events",
        "hook_calls",
        "iterations",
        "metric_calls",
        "now",
        "number",
        "objects",
        "routes",
        "second",
        "stored",
        "waits",
        "workloads",
    )

    def __init__(self, state: State, answers: Answers, number: int, second: float, behavior: Behavior) -> None:
        self.canary: Canary = state.canary
        self.cached: Status = state.status
        self.stored: Status = state.status
        self.objects: dict[Key, Mapping[str, Any]] = dict(state.objects)
        self.workloads: dict[Key, Workload] = {key: advanced_to(each, second) for key, each in state.workloads.items()}
        self.number = number
        self.second = second
        self.now = second
        self.behavior = behavior
        self.iterations = state.canary.analysis.iterations
        self.routes: Routes | None = None
        self.events: list[Event] = []
        self.metric_calls: list[MetricCall] = []
        self.hook_calls: list[HookCall] = []
        self.waits: list[WaitSnapshot] = []
        self._answers = answers
        self._before = state
        self._written = False

    def state(self) -> State:
        """The current state."""
        objects, workloads = dict(self.objects), dict(self.workloads)
        return replace(self._before, status=self.stored, objects=objects, workloads=workloads, second=self.now)

    def wait(self, seconds: float) -> None:
        """Block until an answer arrives or times out: Flagger does nothing else meanwhile."""
        if seconds > 0:
            self.waits.append(WaitSnapshot(self.now + seconds, self.state()))
            self.now += seconds

    # Events

    def normal(self, text: str, phase: str | None = None) -> None:
        """Record a Normal event; event hooks receive `phase`, by default the cached one."""
        self._record_event(Event(EventType.NORMAL, text), phase)

    def warn(self, text: str, phase: str | None = None, *, open_ended: bool = False, detail: str = "") -> None:
        self._record_event(Event(EventType.WARNING, text, open_ended, detail), phase)

    def warn_of(self, error: StepError) -> None:
        self.warn(error.text, open_ended=error.open_ended, detail=error.detail)

    def _record_event(self, event: Event, phase: str | None) -> None:
        self.events.append(event)
        for hook in self.canary.analysis.webhooks:
            if hook.type == "event":
                self._call_event_hook(hook, self.cached.phase if phase is None else phase)

    def _call_event_hook(self, hook: Webhook, phase: str) -> None:
        """Call an event hook of the Canary; its answer has no effect (events.go:sendEventToWebhook)."""
        try:
            limit = parse_duration(hook.event_timeout) if self.behavior.event_hook_timeout else 5.0
        except DurationError:
            return
        answer = self.ask_hook(hook, phase)
        self.wait(min(answer.seconds, limit) if limit > 0 else answer.seconds)

    # Queries and hooks

    def context(self) -> TickContext:
        routes = self.routes
        return TickContext(
            tick=self.number,
            second=self.now,
            canary_weight=routes.canary if routes else 0,
            mirrored=bool(routes and routes.mirrored),
            iterations=self.cached.iterations,
            failed_checks=self.cached.failed_checks,
        )

    def ask_metric(self, metric: Metric, source: str) -> MetricAnswer:
        answer = self._answers.metric(metric, source, self.context())
        self.metric_calls.append(MetricCall(metric.name, answer))
        return answer

    def ask_hook(self, hook: Webhook, phase: str) -> HookAnswer:
        answer = self._answers.hook(hook, phase, self.context())
        self.hook_calls.append(HookCall(hook.name, phase, answer))
        return answer

    # Writes

    def write(self, phase: str | None = None, **values: Any) -> None:
        """Write fields of the status; a phase also sets its condition."""
        base = self.stored if self._written else self.cached
        status = base._replace(transition=self.now, **values)
        if phase is not None:
            status = status._replace(phase=phase).conditioned(phase, self.canary.target_kind)
        self.stored = status
        self._written = True

    def update_cached(self, **values: Any) -> None:
        """Set fields of the cached status."""
        self.cached = self.cached._replace(**values)

    def put(self, kind: str, name: str, body: Mapping[str, Any]) -> None:
        """Create or replace an object."""
        self.objects[kind, name] = body

    def put_workload(self, workload: Workload) -> None:
        self.workloads[workload.kind, workload.name] = workload

    def workload(self, kind: str, name: str) -> Workload | None:
        return self.workloads.get((kind, name))
