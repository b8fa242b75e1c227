"""The tables of ticks that a design review asks for: which weight when, which event, how many ticks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from chartgen.flagger.schedule import AlwaysPassing, End, HookAnswer, upgrade
from tests.flagger.schedule.canaries import SUCCESS_RATE, canary, deployment

if TYPE_CHECKING:
    from chartgen.flagger.canary import Metric, Webhook
    from chartgen.flagger.schedule import MetricAnswer, TickContext, Timeline

# The seed's example: a step of 10 every minute, up to 50.
_SEED = {"stepWeight": 10, "maxWeight": 50}


def _upgrade(analysis: dict[str, Any], provider: str = "istio") -> Timeline:
    return upgrade(canary(analysis, provider=provider), [deployment()])


def test_the_ticks_of_a_simple_upgrade() -> None:
    rows = [
        (
            tick.number,
            tick.second,
            tick.primary_share,
            tick.canary_share,
            tick.phase,
            [each.text for each in tick.events],
        )
        for tick in _upgrade(_SEED).ticks
    ]
    advance = "Advance app.prod canary weight {}".format
    assert rows == [
        (0, 0, 100, 0, "Progressing", ["New revision detected! Scaling up app.prod"]),
        (1, 60, 90, 10, "Progressing", ["Starting canary analysis for app.prod", advance(10)]),
        (2, 120, 80, 20, "Progressing", [advance(20)]),
        (3, 180, 70, 30, "Progressing", [advance(30)]),
        (4, 240, 60, 40, "Progressing", [advance(40)]),
        (5, 300, 50, 50, "Progressing", [advance(50)]),
        (6, 360, 50, 50, "Promoting", ["Copying app.prod template spec to app-primary.prod"]),
        (7, 420, 100, 0, "Finalising", ["Routing all traffic to primary"]),
        (8, 480, 100, 0, "Succeeded", ["Promotion completed! Scaling down app.prod"]),
    ]


@pytest.mark.parametrize(
    ("analysis", "shares"),
    [
        ({"stepWeight": 20, "maxWeight": 50}, [0, 20, 40, 60, 60, 0, 0]),
        ({"stepWeight": 30, "maxWeight": 100}, [0, 30, 60, 90, 100, 100, 0, 0]),
        ({"stepWeight": 60, "maxWeight": 50}, [0, 60, 60, 0, 0]),
        ({"stepWeights": [1, 2, 10, 80]}, [0, 1, 2, 10, 80, 80, 0, 0]),
        ({"stepWeights": [10, 50, 5]}, [0, 10, 10, 0, 0]),
        ({"stepWeights": [20, 150]}, [0, 20, 100, 100, 0, 0]),
        ({"stepWeight": 25, "maxWeight": 50, "stepWeightPromotion": 20}, [0, 25, 50, 50, 30, 10, 0, 0]),
        ({"stepWeight": 20, "maxWeight": 40, "mirror": True}, [0, 0, 20, 40, 40, 0, 0]),
        ({"iterations": 3}, [0, 0, 0, 0, 100, 100, 0, 0]),
        ({"iterations": 2, "mirror": True}, [0, 0, 0, 100, 100, 0, 0]),
        ({"iterations": 3, "match": [{"headers": {"x": {"exact": "y"}}}]}, [0, 100, 100, 100, 100, 0, 0]),
    ],
)
def test_the_canarys_share_per_tick(analysis: dict[str, Any], shares: list[int]) -> None:
    timeline = _upgrade(analysis)
    assert timeline.outcome.end is End.SUCCEEDED
    assert [tick.canary_share for tick in timeline.ticks] == shares


@pytest.mark.parametrize(
    ("analysis", "shares", "reason"),
    [
        ({"stepWeight": 40, "maxWeight": 110}, [0, 40, 80, 100, 100], "maxWeight 110 can't be reached"),
        ({"stepWeights": [10, 50, 20]}, [0, 10, 50, 50, 50], "stalls at 50 %"),
        ({"stepWeights": [50, 10, 80]}, [0, 50, 50, 50], "stalls at 50 %"),
        ({"stepWeights": [10, 10, 50]}, [0, 10, 10, 10], "stalls at 10 %"),
        ({"stepWeights": [0, 50]}, [0, 0, 0], "stepWeights begin with 0"),
        ({"stepWeight": -5}, [0, 0, 0], "stepWeight is -5"),
    ],
)
def test_a_canary_that_never_promotes_says_why(analysis: dict[str, Any], shares: list[int], reason: str) -> None:
    timeline = _upgrade(analysis)
    assert timeline.outcome.end is End.STALLED
    assert reason in timeline.outcome.reason
    assert [tick.canary_share for tick in timeline.ticks] == shares


@pytest.mark.parametrize(("provider", "ticks"), [("linkerd", 3), ("gatewayapi:v1", 3), ("nginx", 3)])
def test_mirroring_with_weights_where_it_cannot_be_done(provider: str, ticks: int) -> None:
    made = canary({"stepWeight": 10, "mirror": True}, provider=provider)
    made["spec"]["ingressRef"] = {"kind": "Ingress", "name": "app"}
    paths = [{"path": "/", "backend": {"service": {"name": "app", "port": {"number": 80}}}}]
    ingress = {"kind": "Ingress", "metadata": {"name": "app"}, "spec": {"rules": [{"http": {"paths": paths}}]}}
    timeline = upgrade(made, [deployment(), ingress])
    assert timeline.outcome.reason == f"never shifts traffic: provider {provider} can't mirror with weights"
    assert len(timeline.ticks) == ticks


@pytest.mark.parametrize(
    ("analysis", "provider", "last"),
    [
        ({"iterations": 3}, "kubernetes", 7),
        ({"stepWeight": 10}, "kubernetes", 14),
        ({"stepWeight": 10, "maxWeight": 50}, "linkerd", 8),
        ({"stepWeight": 10, "maxWeight": 50}, "gatewayapi:v1", 8),
        ({"stepWeight": 10, "maxWeight": 50}, "gatewayapi:v1beta1", 8),
        ({"stepWeight": 10, "maxWeight": 50}, "contour", 8),
        ({"stepWeight": 10, "maxWeight": 50}, "traefik", 8),
        ({"stepWeight": 10, "maxWeight": 50}, "kuma", 8),
        ({"stepWeight": 10, "maxWeight": 50}, "gloo", 8),
        ({"stepWeight": 10, "maxWeight": 50}, "osm", 8),
        ({"stepWeight": 10, "maxWeight": 50}, "smi:v1alpha2", 8),
        ({"stepWeight": 10, "maxWeight": 50}, "appmesh:v1beta2", 8),
        ({"stepWeight": 10, "maxWeight": 50}, "unheard-of", 8),
    ],
)
def test_the_tick_of_success_by_provider(analysis: dict[str, Any], provider: str, last: int) -> None:
    timeline = _upgrade(analysis, provider)
    assert timeline.outcome.end is End.SUCCEEDED
    assert timeline.ticks[-1].number == last


def test_weights_on_kubernetes_are_ten_iterations_and_two_warnings_each() -> None:
    ticks = _upgrade({"stepWeight": 10}, "kubernetes").ticks
    warnings = [
        "Progressive traffic is not supported when using the kubernetes provider",
        "Setting canaryAnalysis.iterations: 10",
    ]
    assert [event.text for event in ticks[2].events] == [*warnings, "Advance app.prod canary iteration 2/10"]


class _FailingFrom(AlwaysPassing):
    """All is well but the success rate, from a tick on or on even ticks."""

    def __init__(self, *args: Any, first: int = 2, every: int = 1) -> None:
        super().__init__(*args)
        self._first, self._every = first, every

    def metric(self, metric: Metric, source: str, context: TickContext) -> MetricAnswer:
        bad = context.tick >= self._first and context.tick % self._every == 0
        return 90 if bad else super().metric(metric, source, context)


def _failing(**when: int) -> Timeline:
    made = canary({**_SEED, "metrics": [SUCCESS_RATE]})
    from chartgen.flagger.canary import read_canary

    return upgrade(made, [deployment()], _FailingFrom(read_canary(made), **when))


def test_failures_from_the_second_tick_are_rolled_back_one_tick_after_the_threshold() -> None:
    timeline = _failing()
    assert timeline.outcome.end is End.FAILED
    assert [tick.failed_checks for tick in timeline.ticks] == [0, 0, 1, 2, 0]
    assert [event.text for event in timeline.ticks[2].events] == ["Halt app.prod advancement success rate 90.00% < 99%"]
    assert [event.text for event in timeline.ticks[-1].events] == [
        "Rolling back app.prod failed checks threshold reached 2",
        "Canary failed! Scaling down app.prod",
    ]
    assert timeline.ticks[-1].target_replicas == 0


def test_a_passing_tick_does_not_reset_the_counter() -> None:
    timeline = _failing(every=2)
    assert [tick.failed_checks for tick in timeline.ticks] == [0, 0, 1, 1, 2, 0]
    assert [tick.canary_share for tick in timeline.ticks] == [0, 10, 10, 20, 20, 0]
    assert timeline.outcome.end is End.FAILED


class _Closed(AlwaysPassing):
    def hook(self, hook: Webhook, phase: str, context: TickContext) -> HookAnswer:  # noqa: ARG002 - the seam's signature
        return HookAnswer(403)


@pytest.mark.parametrize(
    ("gate", "phase"),
    [
        ("confirm-rollout", "Waiting"),
        ("confirm-promotion", "WaitingPromotion"),
        ("confirm-traffic-increase", "Progressing"),
    ],
)
def test_a_gate_that_never_opens_stalls_the_run(gate: str, phase: str) -> None:
    from chartgen.flagger.canary import read_canary

    hook = {"name": "gate", "type": gate, "url": "http://gate.test/"}
    made = canary({**_SEED, "webhooks": [hook]})
    timeline = upgrade(made, [deployment()], _Closed(read_canary(made)))
    assert timeline.outcome.end is End.STALLED
    assert timeline.outcome.reason == f"waits for a {gate} gate that doesn't open"
    assert timeline.ticks[-1].phase == phase
