"""Canaries of every strategy, planned for the reporters."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from chartgen.planning.planner import plan_release
from chartgen.planning.request import CanaryContext, PlanRequest
from chartgen.planning.scenarios import parse_scenarios
from chartgen.planning.simulation_settings import SimulationSettings

if TYPE_CHECKING:
    from chartgen.planning.release_plan import ReleasePlan

_METRICS = [{"name": "request-success-rate", "interval": "1m", "thresholdRange": {"min": 99}}]
_GATE = [{"name": "ask", "type": "confirm-promotion", "url": "http://gate/check"}]
_MATCH = [{"headers": {"x-canary": {"exact": "insider"}}}]


def _canary(provider: str = "istio", name: str = "app", namespace: str = "prod", **analysis: Any) -> dict[str, Any]:
    return {
        "apiVersion": "flagger.app/v1beta1",
        "kind": "Canary",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            "provider": provider,
            "targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": name},
            "service": {"port": 80},
            "analysis": {"interval": "1m", "threshold": 5, "metrics": _METRICS, **analysis},
        },
    }


CANARIES = {
    "weights": _canary(maxWeight=50, stepWeight=10),
    "step-weights": _canary(stepWeights=[1, 2, 10, 50, 80], stepWeightPromotion=20),
    "one-step": _canary(stepWeights=[100], threshold=1),
    "fast": _canary(interval="10s", maxWeight=100, stepWeight=50, threshold=2),
    "ab": _canary(iterations=10, match=_MATCH),
    "blue-green": _canary("kubernetes", iterations=5),
    "mirror": _canary(iterations=6, mirror=True),
    "mirror-weights": _canary(maxWeight=50, stepWeight=10, mirror=True, mirrorWeight=30),
    "gate": _canary(maxWeight=50, stepWeight=10, webhooks=_GATE),
    "overshoot": _canary(maxWeight=50, stepWeight=70),
    "long-names": _canary(
        name="payments-and-subscriptions-orchestration-gateway-int",
        namespace="customer-facing-production-eu-west-1",
        maxWeight=50,
        stepWeight=2,
        threshold=20,
    ),
}


@cache
def planned(
    name: str, *scenarios: str, rps: float | None = None, bootstrap: bool = False, chart: str = ""
) -> ReleasePlan:
    """The plan of one of them; detection by ideal counters."""
    canary = CANARIES[name]
    request = PlanRequest(
        parse_scenarios(list(scenarios)),
        SimulationSettings(rps=rps, rollouts=200, match_share=0.05 if name == "ab" else None),
        bootstrap=bootstrap,
        error_rates=(0.001, 0.01, 0.02, 0.05, 0.1, 1.0),
    )
    return plan_release(CanaryContext(canary, (canary,), only_flagger_objects=True, chart=chart), request)
