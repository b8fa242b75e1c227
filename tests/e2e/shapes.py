"""Charts with canaries of every shape: one upgrade each, on real Flagger."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.e2e.answers import DURATION
from tests.e2e.upgrades import start
from tests.e2e.watcher import Watcher

if TYPE_CHECKING:
    from tests.e2e.answers import MetricAnswer
    from tests.e2e.client import JsonObject
    from tests.e2e.plane import Plane
    from tests.e2e.release import Release

_ENDS = ("Promotion completed!", "Canary failed!")
_INSIDER = [{"headers": {"x-canary": {"exact": "insider"}}}]


@dataclass(frozen=True, slots=True)
class Shape:
    """`analysis`: laid over the chart's own; `hooks`: webhook type to its answers, one after the other."""

    analysis: JsonObject = field(default_factory=dict)
    hooks: dict[str, list[int]] = field(default_factory=dict)
    options: tuple[str, ...] = ()
    metrics: dict[str, list[MetricAnswer]] = field(default_factory=dict)
    # What Flagger says on the way, NAME being the workload's and PRIMARY its primary's.
    steps: tuple[str, ...] = ()


def _weights(*weights: int) -> tuple[str, ...]:
    return tuple(f"Advance NAME canary weight {weight}" for weight in weights)


def _iterations(count: int) -> tuple[str, ...]:
    return tuple(f"Advance NAME canary iteration {number}/{count}" for number in range(1, count + 1))


_TO_CANARY = "Routing all traffic to canary"
_TWO_STEPS = {"maxWeight": 40, "stepWeight": 20}
SHAPES = {
    "step-weights": Shape({"stepWeights": [5, 50, 80]}, steps=_weights(5, 50, 80)),
    "overshoot": Shape({"maxWeight": 50, "stepWeight": 30}, steps=_weights(30, 60)),
    "promotion-steps": Shape(
        {**_TWO_STEPS, "stepWeightPromotion": 20},
        steps=(
            *_weights(20, 40),
            "Copying NAME template spec to PRIMARY",
            "Advance NAME primary weight 80",
            "Advance NAME primary weight 100",
        ),
    ),
    "blue-green": Shape({"iterations": 3}, steps=(*_iterations(3), _TO_CANARY)),
    "a-b": Shape({"iterations": 2, "match": _INSIDER}, steps=_iterations(2)),
    "mirror": Shape({**_TWO_STEPS, "mirror": True}, steps=_weights(0, 20, 40)),
    "mirror-blue-green": Shape(
        {"iterations": 2, "mirror": True},
        steps=(*_iterations(2), "Stop traffic mirroring and route all traffic to canary"),
    ),
    "session-affinity": Shape({**_TWO_STEPS, "sessionAffinity": {"cookieName": "c"}}, steps=_weights(20, 40)),
    # Without a mesh durations are read as seconds (pkg/metrics/observers/http.go).
    "kubernetes": Shape(
        options=("--provider", "kubernetes", "--accept", "builtin-metrics-on-l4-provider"),
        metrics={DURATION: [0.12]},
        steps=_iterations(10),
    ),
    "gates": Shape(
        _TWO_STEPS,
        hooks={
            "confirm-rollout": [403, 200],
            "pre-rollout": [200],
            "confirm-promotion": [403, 200],
            "post-rollout": [200],
        },
        steps=(
            "Halt NAME advancement waiting for approval confirm-rollout",
            "Confirm-rollout check confirm-rollout passed",
            "Pre-rollout check pre-rollout passed",
            *_weights(20, 40),
            "Halt NAME advancement waiting for promotion approval confirm-promotion",
            "Confirm-promotion check confirm-promotion passed",
        ),
    ),
    "rollback-hook": Shape(
        _TWO_STEPS,
        hooks={"rollback": [403, 200]},
        steps=("Rollback check rollback passed", "Rolling back NAME manual webhook invoked"),
    ),
}


@dataclass(slots=True)
class Outcome:
    release: Release
    events: list[str]
    fewest: int
    calls: list[str]


def play(plane: Plane, helm: str, name: str) -> Outcome:
    """Install with a shape's values, one new version, to its end."""
    shape = SHAPES[name]
    release = start(plane, helm, "helm-create", f"as-{name}", *shape.options)
    release.script.metrics = dict(shape.metrics)
    release.script.hooks = {kind: list(answers) for kind, answers in shape.hooks.items()}
    values = release.chart.parent / "values.json"
    values.write_text(json.dumps({"canary": {"canaryAnalysis": _analysis(shape, release)}}))
    release.files.append(values)
    release.upgrade(image__tag="v1", replicaCount="2")
    release.wait_for_event("Initialization done!")
    begun = len(release.events)
    with Watcher(plane, release.namespace, release.service) as watcher:
        release.upgrade(image__tag="v2")
        release.wait_for_event(*_ENDS, since=begun, within=300)
        time.sleep(1)
    calls = [call.hook for call in release.script.hook_calls]
    return Outcome(release, release.texts(begun), watcher.fewest(), calls)


def _analysis(shape: Shape, release: Release) -> JsonObject:
    url = f"http://hooks.test/{release.full}"
    hooks: list[dict[str, Any]] = [{"name": kind, "type": kind, "url": f"{url}/{kind}"} for kind in shape.hooks]
    return {**shape.analysis, **({"webhooks": hooks} if hooks else {})}


def expected_steps(shape: Shape, outcome: Outcome) -> list[str]:
    """The steps expected of a shape, in Flagger's words."""
    name = f"{outcome.release.full}.{outcome.release.namespace}"
    primary = f"{outcome.release.full}-primary.{outcome.release.namespace}"
    return [step.replace("NAME", name).replace("PRIMARY", primary) for step in shape.steps]
