"""Plans with the right numbers for them: drawn by two programs that share no code with chartgen, or derived by hand.

They agree with each other within 0.01; each was drawn from 8,000 to 20,000 rollouts.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from chartgen.planning.budgets import Budgets, exceeded
from chartgen.planning.planner import plan_release
from chartgen.planning.request import CanaryContext, PlanRequest
from chartgen.planning.scenario_run import Ending
from tests.planning.test_world import planned

if TYPE_CHECKING:
    from chartgen.planning.detection.exact import OutcomeDistribution
    from chartgen.planning.release_plan import ReleasePlan

_P = 0.02
_CHECK = {"name": "request-success-rate", "interval": "1m", "thresholdRange": {"min": 99}}
_STEPS: dict[str, Any] = {"threshold": 5, "stepWeight": 10, "maxWeight": 50}


def outcomes(plan: ReleasePlan) -> list[OutcomeDistribution]:
    return [row.outcomes for row in plan.characteristics[0].rows]


def test_a_knative_service_is_promoted() -> None:
    """33 %, 66 % and 66 % for a minute each."""
    metadata = {"name": "shop", "namespace": "web"}
    service = {"apiVersion": "serving.knative.dev/v1", "kind": "Service", "metadata": metadata}
    target = {**service, "spec": {"template": {"spec": {"containers": [{"image": "x"}]}}}}
    canary = {
        "apiVersion": "flagger.app/v1beta1",
        "kind": "Canary",
        "metadata": metadata,
        "spec": {
            "provider": "knative",
            "targetRef": {"apiVersion": service["apiVersion"], "kind": "Service", "name": "shop"},
            "service": {"port": 80},
            "analysis": {"interval": "1m", "threshold": 2, "stepWeight": 33, "maxWeight": 66, "metrics": [_CHECK]},
        },
    }
    (result,) = plan_release(CanaryContext(canary, (target, canary)), PlanRequest()).results
    assert (result.run.ending, result.run.seconds) == (Ending.PROMOTED, 300)
    assert result.summary.exposure == pytest.approx(165)


def test_apisix_by_weight() -> None:
    plan = planned(
        {"stepWeight": 33, "maxWeight": 66}, provider="apisix", replicas=2, rps=10.0, rates=(0.01, 0.02, 0.05)
    )
    found = outcomes(plan)
    assert [each.rolled_back for each in found] == pytest.approx([0.026, 0.586, 1.0], abs=_P)
    assert [each.bad_mean for each in found] == pytest.approx([10.5, 25.1, 36.3], rel=0.02)


def test_apisix_blue_green() -> None:
    plan = planned({"iterations": 2}, provider="apisix", replicas=2, rps=10.0, rates=(0.01, 0.02))
    assert plan.characteristics[0].healthy.outcomes.rolled_back == 0
    one, two = outcomes(plan)
    assert [one.rolled_back, two.rolled_back] == pytest.approx([0.23, 0.94], abs=_P)
    assert [one.bad_mean, two.bad_mean] == pytest.approx([14.9, 35.6], rel=0.03)
    assert two.bad_p95 == pytest.approx(46, abs=1)


def test_the_budget_of_failed_requests_is_exceeded() -> None:
    plan = planned(_STEPS, rps=10.0, error_rate=0.02)
    assert plan.failed_requests is not None
    assert plan.failed_requests.mean == pytest.approx(19, abs=0.5)
    assert plan.failed_requests.p95 == pytest.approx(32, abs=1)
    assert [excess.budget for excess in exceeded(plan, Budgets(failed_requests=10))] == ["max-failed-requests"]


def test_an_ab_test_without_its_share_has_no_table() -> None:
    analysis = {"iterations": 10, "match": [{"headers": {"x-tester": {"exact": "yes"}}}]}
    plan = planned(analysis, rps=2.0, rates=(0.01, 0.05))
    assert plan.characteristics == ()
    assert sum("--match-share" in note and "table" in note for note in plan.notes) == 1


def test_a_load_test_begins_at_the_first_check() -> None:
    hook = {
        "name": "load",
        "url": "http://t.test/",
        "metadata": {"cmd": "hey -z 1m -q 10 -c 1 http://shop-canary.web/"},
    }
    analysis = {"iterations": 3, "webhooks": [hook]}
    plan = planned(analysis, rps=5.0, synthetic_rps=10.0, rates=(0.01,))
    assert plan.characteristics[0].healthy.outcomes.rolled_back == 0
    (found,) = outcomes(plan)
    assert found.rolled_back == pytest.approx(0.924, abs=_P)
    assert found.bad_mean == pytest.approx(0.87, abs=0.15)
    strict = planned({**analysis, "threshold": 1}, rps=5.0, synthetic_rps=10.0)
    assert strict.characteristics[0].healthy.outcomes.rolled_back == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("replicas", "provider", "rolled_back", "failed"),
    [(1, "istio", 0.558, 17), (2, "istio", 0.460, 18), (4, "istio", 0.293, 18), (4, "contour", 0.673, 16)],
)
def test_each_pod_has_its_own_series(replicas: int, provider: str, rolled_back: float, failed: float) -> None:
    """Contour's proxies count under names that outlive a release."""
    (found,) = outcomes(planned(_STEPS, provider=provider, replicas=replicas, rps=3.0, scrape_seconds=15.0))
    assert found.rolled_back == pytest.approx(rolled_back, abs=_P)
    assert found.bad_p95 == pytest.approx(failed, abs=1)


def test_a_long_window_holds_good_requests() -> None:
    metric = {"name": "request-success-rate", "interval": "15m", "thresholdRange": {"min": 90}}
    match = [{"headers": {"x-tester": {"exact": "yes"}}}]
    plan = planned({"threshold": 1, "iterations": 30, "match": match, "metrics": [metric]})
    assert plan.worst_rollback == 180


def test_a_rollout_that_never_ends() -> None:
    started = time.monotonic()
    analysis = {"interval": "15s", "threshold": 5, "stepWeight": 20, "maxWeight": 60, "mirror": True}
    plan = planned(analysis, provider="traefik", replicas=2, rps=100.0, rates=(0.001, 0.5))
    assert plan.results[0].run.ending is Ending.STALLED
    assert time.monotonic() - started < 20
