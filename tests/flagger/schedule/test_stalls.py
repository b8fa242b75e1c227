"""A rollout that repeats itself is recognized after one whole cycle."""

# ruff: noqa: ARG002 - the methods take what the Protocol Answers hands them

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chartgen.flagger.schedule import End, HookAnswer, upgrade
from tests.flagger.schedule.canaries import canary, deployment

if TYPE_CHECKING:
    from chartgen.flagger.canary import Metric, Webhook
    from chartgen.flagger.schedule import MetricAnswer, TickContext


class _ClosedGates:
    def metric(self, metric: Metric, source: str, moment: TickContext) -> MetricAnswer:
        return 100

    def hook(self, hook: Webhook, phase: str, moment: TickContext) -> HookAnswer:
        return HookAnswer(403)


@pytest.mark.parametrize("provider", ["kubernetes", "istio"])
@pytest.mark.parametrize("strategy", [{"iterations": 3}, {"stepWeight": 50, "maxWeight": 50}])
@pytest.mark.parametrize("gate", ["confirm-rollout", "confirm-traffic-increase", "confirm-promotion"])
def test_a_closed_gate_stalls_within_a_few_ticks(provider: str, strategy: dict[str, int], gate: str) -> None:
    hook = {"name": "gate", "type": gate, "url": "http://gates.test/"}
    timeline = upgrade(canary({**strategy, "webhooks": [hook]}, provider=provider), [deployment()], _ClosedGates())
    ignored = gate == "confirm-traffic-increase" and timeline.outcome.end is End.SUCCEEDED
    assert ignored or (timeline.outcome.end is End.STALLED and f"{gate} gate" in (timeline.outcome.reason or ""))
    assert len(timeline.ticks) <= 20
