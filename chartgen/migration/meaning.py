"""The proof of a migration: every Canary means what it meant, and nothing but Canaries and autoscalers changes.

The old Canary is put into today's words (`flagger/former.py`), and the simulator plays rollouts of both with the same
answers: every check passes, each check's value lies below, on and above each of its bounds or is missing, hooks fail.
Ticks, weights, counters and events must be the same.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chartgen.errors import ProofError
from chartgen.flagger.canary import read_canary
from chartgen.flagger.crd import NEWEST
from chartgen.flagger.emission import flagger_objects
from chartgen.flagger.former import as_current
from chartgen.flagger.schedule import (
    NO_VALUES,
    POD_START,
    HookAnswer,
    observer_name,
    passing_answer,
    rollout,
)
from chartgen.manifests.namespaced import body_with_namespace
from chartgen.planning.default_objects import cluster_objects
from chartgen.planning.request import CanaryContext
from chartgen.planning.simulated_release import prepare_release
from chartgen.proof.single_change import key_of, prove_only

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chartgen.flagger.canary import Canary, Metric, Webhook
    from chartgen.flagger.schedule import MetricAnswer, TickContext, Timeline
    from chartgen.helm.engine import Engine
    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering
    from chartgen.proof.single_change import ApplyChange

_CHANGED = ("Canary", "MetricTemplate", "AlertProvider", "HorizontalPodAutoscaler")
_HINT = "nothing was written; please report it as an issue"


def require_same_meaning(engine: Engine, before: Rendering, after: Rendering) -> int:
    """Raise ProofError where a release of the chart means something else; returns the number of rollouts played."""
    changed = {key_of(manifest): manifest for manifest in after.of_kind(*_CHANGED)}
    prove_only(engine, before, after, {key: [_always(manifest.body)] for key, manifest in changed.items()})
    played = 0
    for canary in canaries_of(before):
        now = changed.get(key_of(canary))
        if now is None or now.body == canary.body:
            continue
        played += require_same_rollouts(canary, now, before, after)
    return played


def _always(body: Mapping[str, Any]) -> ApplyChange:
    return lambda _: body


def canaries_of(rendering: Rendering) -> list[Manifest]:
    """The Flagger Canaries of a rendering."""
    return [manifest for manifest in flagger_objects(rendering) if manifest.kind == "Canary"]


def require_same_rollouts(canary: Manifest, now: Manifest, before: Rendering, after: Rendering) -> int:
    """Raise ProofError unless both Canaries run the same rollouts; returns their number."""
    old = _Subject.of(as_current(body_with_namespace(canary, before.request.namespace)), before)
    new = _Subject.of(body_with_namespace(now, after.request.namespace), after)
    played = 0
    for answers in _scenarios(old.canary):
        was, is_now = old.played(answers), new.played(answers)
        played += 1
        if was != is_now:
            differing = next((pair for pair in zip(was, is_now, strict=False) if pair[0] != pair[1]), (was[-1], ()))
            raise ProofError(
                f"Canary {canary.name} would behave differently ({before.label}, {answers.label}): before"
                f" {json.dumps(differing[0], default=str)}, after {json.dumps(differing[1], default=str)}",
                hint=_HINT,
            )
    return played


@dataclass(frozen=True, slots=True)
class _Subject:
    """A Canary with every object around it that it references."""

    canary: Canary
    objects: tuple[Mapping[str, Any], ...]

    @classmethod
    def of(cls, body: Mapping[str, Any], rendering: Rendering) -> _Subject:
        canary = read_canary(body)
        around = tuple(
            body_with_namespace(manifest, rendering.request.namespace)
            for manifest in flagger_objects(rendering)
            if manifest.kind != "Canary"
        )
        objects, _ = cluster_objects(CanaryContext(body, around, only_flagger_objects=True), canary)
        return cls(canary, tuple(objects))

    def played(self, answers: _Answers) -> list[tuple[object, ...]]:
        """Every tick of an upgrade: when, which phase and weights, what it counted and said."""
        release = prepare_release(self.canary, self.objects, flagger=NEWEST, pod_start=POD_START)
        timeline = release.stuck_bootstrap or rollout(release.state, answers, flagger=NEWEST)
        return [*_ticks(timeline), (timeline.outcome.end.name,)]


def _ticks(timeline: Timeline) -> Iterator[tuple[object, ...]]:
    for tick in timeline.ticks:
        events = tuple(event.text for event in tick.events)
        yield (
            tick.number,
            tick.second,
            tick.phase,
            tick.primary_share,
            tick.canary_share,
            tick.failed_checks,
            tick.iterations,
            tick.mirrored,
            events,
        )


@dataclass(frozen=True, slots=True)
class _Answers:
    """Every check of `canary` passes but `metric`, which answers `value`; hooks answer `status`."""

    canary: Canary
    label: str
    metric_name: str = ""
    value: MetricAnswer = 0.0
    status: int = 200

    def metric(self, metric: Metric, source: str, _context: TickContext, /) -> MetricAnswer:
        """See Answers."""
        if metric.name == self.metric_name:
            return self.value
        return passing_answer(metric, source, observer_name(self.canary))

    def hook(self, _hook: Webhook, _phase: str, _context: TickContext, /) -> HookAnswer:
        """See Answers."""
        return HookAnswer(self.status)


def _scenarios(canary: Canary) -> Iterator[_Answers]:
    yield _Answers(canary, "every check passes")
    yield _Answers(canary, "every hook fails", status=500)
    for metric in canary.analysis.metrics:
        bounds = [bound for bound in (metric.minimum, metric.maximum) if bound is not None]
        bounds = bounds if metric.ranged else [metric.threshold]
        values: dict[MetricAnswer, None] = {NO_VALUES: None}
        for bound in bounds:
            # Some observers answer in seconds, and bounds are milliseconds.
            values |= dict.fromkeys(value for base in (bound, bound / 1000) for value in (base - 1, base, base + 1))
        for value in values:
            yield _Answers(canary, f"{metric.name} is {value}", metric.name, value)
