"""The world around a rollout: what queries really count, scraped counters, load tests, windows, stuck runs.

The expected probabilities come from `_Rollouts`, a Monte Carlo that shares no code with chartgen but for the Canary, or
from a derivation by hand in the test.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from chartgen.errors import UsageError
from chartgen.flagger.canary import read_canary
from chartgen.planning.budgets import Budgets, exceeded
from chartgen.planning.load_tests import load_tests
from chartgen.planning.planner import plan_release
from chartgen.planning.request import CanaryContext, PlanRequest
from chartgen.planning.scenario_run import Ending
from chartgen.planning.scenarios import SUCCESS, parse_scenarios
from chartgen.planning.simulation_settings import SimulationSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    from chartgen.planning.release_plan import ReleasePlan
    from chartgen.planning.scenarios import Scenario

_TOLERANCE = 0.02
_CHECK = {"name": "request-success-rate", "interval": "1m", "thresholdRange": {"min": 99}}
_MATCH = [{"headers": {"x-tester": {"exact": "yes"}}}]


def planned(
    analysis: dict[str, Any],
    *,
    provider: str = "istio",
    replicas: int = 1,
    spec: dict[str, Any] | None = None,
    rates: tuple[float, ...] = (0.02,),
    scenarios: tuple[Scenario, ...] = (SUCCESS,),
    mesh_provider: str = "",
    **settings: Any,
) -> ReleasePlan:
    metadata = {"name": "shop", "namespace": "web"}
    labels = {"matchLabels": {"app": "shop"}}
    template = {"metadata": {"labels": labels["matchLabels"]}, "spec": {"containers": [{"name": "c", "image": "x"}]}}
    target = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata,
        "spec": {"replicas": replicas, "selector": labels, "template": template},
    }
    backends = [{"serviceName": "shop", "servicePort": 80}]
    rule = {"name": "all", "match": {"hosts": ["shop.test"], "paths": ["/*"]}, "backends": backends}
    route = {
        "apiVersion": "apisix.apache.org/v2",
        "kind": "ApisixRoute",
        "metadata": metadata,
        "spec": {"http": [rule]},
    }
    canary = {
        "apiVersion": "flagger.app/v1beta1",
        "kind": "Canary",
        "metadata": metadata,
        "spec": {
            **({"provider": provider} if provider else {}),
            "targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "shop"},
            "service": {"port": 80},
            "analysis": {"interval": "1m", "threshold": 2, "metrics": [_CHECK], **analysis},
            **({"routeRef": {"apiVersion": route["apiVersion"], "kind": "ApisixRoute", "name": "shop"}} if provider == "apisix" else {}),
            **(spec or {}),
        },
    }  # fmt: skip
    request = PlanRequest(scenarios, SimulationSettings(**settings), error_rates=rates, mesh_provider=mesh_provider)
    return plan_release(CanaryContext(canary, (target, route, canary)), request)


def rolled_back(plan: ReleasePlan, row: int = 0) -> float:
    return plan.characteristics[0].rows[row].outcomes.rolled_back


@dataclass
class _Rollouts:
    """Draws rollouts second by second: `requests(second, weight)` yields (bad, good) counts that a check sees."""

    weights: list[int]
    threshold: int
    seed: int = 11

    def share_rolled_back(self, query: Callable[[random.Random], Callable[[int, float], bool]], rollouts: int) -> float:
        rng = random.Random(self.seed)
        return sum(self._rolls_back(query(rng)) for _ in range(rollouts)) / rollouts

    def _rolls_back(self, check: Callable[[int, float], bool]) -> bool:
        step = failed = minute = 0
        while True:
            passes = check(minute, self.weights[step] / 100)
            minute += 1
            if not passes:
                failed += 1
                if failed == self.threshold:
                    return True
            elif step + 1 == len(self.weights):
                return False
            else:
                step += 1


def poisson_count(rng: random.Random, mean: float) -> int:
    """Arrivals of a Poisson stream, counted one by one."""
    count, elapsed = 0, rng.expovariate(1.0)
    while elapsed < mean:
        count, elapsed = count + 1, elapsed + rng.expovariate(1.0)
    return count


def test_apisix_counts_both_versions() -> None:
    """Weights 40 and 80: the primary's good requests dilute the release's bad ones."""
    rate, rps = 0.02, 6.0

    def query(rng: random.Random) -> Callable[[int, float], bool]:
        def check(_minute: int, share: float) -> bool:
            bad = poisson_count(rng, rps * 60 * share * rate)
            good = poisson_count(rng, rps * 60 * (1 - share * rate))
            return good >= 0.99 * (good + bad)

        return check

    expected = _Rollouts([40, 80], 2).share_rolled_back(query, 4000)
    plan = planned({"stepWeight": 40, "maxWeight": 80}, provider="apisix", rps=rps)
    assert rolled_back(plan) == pytest.approx(expected, abs=_TOLERANCE)
    undiluted = planned({"stepWeight": 40, "maxWeight": 80}, rps=rps)
    assert rolled_back(undiluted) > expected + 0.1


def test_apisix_blue_green_sees_the_primary_during_the_iterations() -> None:
    plan = planned({"iterations": 2}, provider="apisix", rps=10.0)
    assert plan.characteristics[0].healthy.outcomes.rolled_back == 0
    assert plan.results[0].run.ending is Ending.PROMOTED


def test_a_load_test_starts_with_the_first_check() -> None:
    """That check has no values, so one failed check of two is used up; users come last."""
    rate = 0.012
    command = "hey -z 1m -q 4 -c 2 http://shop-canary.web/"
    load = {"name": "load", "url": "http://tester.tools/", "metadata": {"cmd": command}}

    def query(rng: random.Random) -> Callable[[int, float], bool]:
        def check(minute: int, _share: float) -> bool:
            if minute == 0:
                return False
            bad, good = poisson_count(rng, 480 * rate), poisson_count(rng, 480 * (1 - rate))
            return good >= 0.99 * (good + bad)

        return check

    plan = planned({"iterations": 3, "threshold": 2, "webhooks": [load]}, rps=0.0, rates=(rate,))
    # Iterations 2 and 3, the shift to the canary and the copy each need a passed check.
    expected = _Rollouts([0, 0, 0, 0], 2).share_rolled_back(query, 4000)
    assert rolled_back(plan) == pytest.approx(expected, abs=_TOLERANCE)
    assert plan.characteristics[0].healthy.outcomes.rolled_back == 0


def test_with_threshold_1_a_load_test_rolls_back_every_release() -> None:
    load = {"name": "load", "url": "http://t.test/", "metadata": {"cmd": "hey -z 1m -q 9 -c 1 http://shop-canary.web/"}}
    plan = planned({"iterations": 3, "threshold": 1, "webhooks": [load]}, rps=5.0)
    assert plan.characteristics[0].healthy.outcomes.rolled_back == 1


@dataclass
class _Pod:
    """One pod's counters, scraped every 15 s from `phase` on; a counter exists from its first request."""

    phase: float
    good: list[float]
    bad: list[float]

    def rate(self, arrivals: list[float], now: float) -> float | None:
        scrapes = [self.phase + 15 * number for number in range(400)]
        inside = [(at, sum(arrival <= at for arrival in arrivals)) for at in scrapes if now - 60 < at <= now]
        inside = [(at, count) for at, count in inside if count]
        if len(inside) < 2:
            return None
        (first, start), (last, end) = inside[0], inside[-1]
        if end == start:
            return 0.0
        gap = (last - first) / (len(inside) - 1)
        before = first - (now - 60)
        before = gap / 2 if before >= 1.1 * gap else before
        before = min(before, (last - first) * start / (end - start))
        after = now - last if now - last < 1.1 * gap else gap / 2
        return (end - start) * (last - first + before + after) / (last - first)


@pytest.mark.slow
@pytest.mark.parametrize("pods", [1, 3])
def test_scraped_counters_lose_the_first_errors_of_each_pod(pods: int) -> None:
    rps, rate = 4.0, 0.03

    def query(rng: random.Random) -> Callable[[int, float], bool]:
        every = [_Pod(rng.random() * 15, [], []) for _ in range(pods)]

        def check(minute: int, share: float) -> bool:
            at = 60.0 * minute + rng.expovariate(rps * share)
            while at < 60.0 * (minute + 1):
                pod = rng.choice(every)
                (pod.bad if rng.random() < rate else pod.good).append(at)
                at += rng.expovariate(rps * share)
            now = 60.0 * (minute + 1)
            good = [value for pod in every if (value := pod.rate(pod.good, now)) is not None]
            bad = [value for pod in every if (value := pod.rate(pod.bad, now)) is not None]
            return bool(good) and sum(good) > 0 and sum(good) >= 0.99 * (sum(good) + sum(bad))

        return check

    expected = _Rollouts([15, 30, 45], 3).share_rolled_back(query, 1500)
    analysis = {"stepWeight": 15, "maxWeight": 45, "threshold": 3}
    plan = planned(analysis, replicas=pods, rps=rps, rates=(rate,), scrape_seconds=15.0)
    assert rolled_back(plan) == pytest.approx(expected, abs=1.5 * _TOLERANCE)
    row = plan.characteristics[0].rows[0]
    assert row.scraped
    assert (row.outcomes.standard_error or 1) < 0.015


@pytest.mark.slow
def test_more_pods_and_younger_series_detect_less() -> None:
    analysis = {"stepWeight": 10, "maxWeight": 50, "threshold": 5}
    traffic: dict[str, Any] = {"rps": 3.0, "scrape_seconds": 15.0}
    lasting = rolled_back(planned(analysis, provider="contour", replicas=4, **traffic))
    one, four = (rolled_back(planned(analysis, replicas=replicas, **traffic)) for replicas in (1, 4))
    given = rolled_back(planned(analysis, replicas=1, pods=4, **traffic))
    assert lasting > one + 0.05 > four + 0.2
    assert given == pytest.approx(four, abs=2 * _TOLERANCE)


@pytest.mark.parametrize(
    ("window", "minimum", "threshold", "seconds"),
    [("15m", 90, 1, 180), ("15m", 90, 2, 240), ("1m", 90, 1, 120), ("10m", 75, 1, 240), ("5m", 80, 1, 180)],
)
def test_a_long_window_still_holds_good_requests(window: str, minimum: int, threshold: int, seconds: float) -> None:
    """The first n with n minutes / window > 1 - min, threshold - 1 more checks, and one tick."""
    metric = {"name": "request-success-rate", "interval": window, "thresholdRange": {"min": minimum}}
    plan = planned({"iterations": 30, "match": _MATCH, "threshold": threshold, "metrics": [metric]})
    assert plan.worst_rollback == seconds


def test_failed_requests_are_judged_by_the_table() -> None:
    plan = planned({"stepWeight": 10, "maxWeight": 50, "threshold": 5}, rps=10.0, error_rate=0.02)
    outcomes, failed = plan.characteristics[0].rows[0].outcomes, plan.failed_requests
    assert failed is not None
    assert (failed.mean, failed.p95, failed.promoted) == (outcomes.bad_mean, outcomes.bad_p95, outcomes.promoted)
    assert exceeded(plan, Budgets(failed_requests=failed.p95 - 1))[0].budget == "max-failed-requests"
    assert exceeded(plan, Budgets(failed_requests=failed.p95)) == ()


def test_an_ab_test_without_a_share_has_no_table() -> None:
    analysis = {"iterations": 5, "match": _MATCH}
    plan = planned(analysis, rps=2.0)
    assert plan.characteristics == ()
    assert any("table" in note and "--match-share" in note for note in plan.notes)
    with pytest.raises(UsageError, match="--match-share"):
        exceeded(plan, Budgets(failed_requests=5))
    assert planned(analysis, rps=2.0, match_share=0.1).characteristics


def test_queries_that_never_find_the_release_have_no_values() -> None:
    plan = planned(
        {"stepWeight": 50, "maxWeight": 50}, provider="gloo", spec={"service": {"port": 80, "name": "front"}}, rps=10.0
    )
    assert plan.characteristics[0].healthy.outcomes.rolled_back == 1
    assert plan.results[0].run.ending is Ending.ROLLED_BACK


def test_a_rollout_that_nothing_can_end_is_planned_quickly() -> None:
    started = time.monotonic()
    metric = {**_CHECK, "interval": "2m"}
    analysis = {
        "interval": "15s",
        "threshold": 4,
        "stepWeight": 20,
        "maxWeight": 60,
        "mirror": True,
        "metrics": [metric],
    }
    plan = planned(analysis, provider="traefik", rates=(0.001, 0.5), rps=200.0)
    assert plan.results[0].run.ending is Ending.STALLED
    assert plan.characteristics[0].rows[1].outcomes.undecided == 1
    assert time.monotonic() - started < 20


def test_a_failing_webhook_rolls_the_release_back() -> None:
    hook = {"name": "smoke", "url": "http://tester.tools/"}
    analysis = {"stepWeight": 50, "maxWeight": 50, "webhooks": [hook, {**hook, "name": "other"}]}
    plan = planned(analysis, scenarios=parse_scenarios(["hook-fails:smoke", "hook-fails:missing"]))
    assert [result.run.ending for result in plan.results] == [Ending.ROLLED_BACK, Ending.PROMOTED]
    assert "hook-fails:missing: the Canary has no webhook missing" in plan.warnings


@pytest.mark.parametrize(
    ("own", "controller", "provider", "source"),
    [
        ("contour", "linkerd", "contour", ""),
        ("", "linkerd", "linkerd", "Flagger's -mesh-provider"),
        ("", "", "istio", "assumed; set --mesh-provider"),
    ],
)
def test_the_controller_s_provider_applies_to_a_canary_without_one(
    own: str, controller: str, provider: str, source: str
) -> None:
    subject = planned({"stepWeight": 50, "maxWeight": 50}, provider=own, mesh_provider=controller).subject
    assert (subject.provider, subject.provider_source) == (provider, source)


def test_pods_that_never_become_ready_roll_the_release_back_at_the_deadline() -> None:
    """No check fails meanwhile: Flagger waits until the first tick at which pods have been missing for the deadline."""
    spec = {"progressDeadlineSeconds": 150}
    scenarios = parse_scenarios(["pods-fail:1", "pods-fail:9"])
    one, every = planned(
        {"stepWeight": 50, "maxWeight": 50}, replicas=3, spec=spec, scenarios=scenarios, rps=1.0
    ).results
    for result, available in ((one, 2), (every, 0)):
        assert result.run.ending is Ending.ROLLED_BACK
        # Tick 0 scales the target up; the ticks at 60 and 120 s wait, the one at 180 s is past the deadline.
        assert result.run.seconds == 180
        assert result.summary.promote_seconds is None
        assert result.summary.exposure == 0
        assert [tick.failed_checks for tick in result.run.ticks] == [0, 0, 0, 0]
        texts = [event.text for tick in result.run.ticks for event in tick.events]
        assert any(f"{available} of 3 (readyThreshold 100%) updated replicas are available" in text for text in texts)


def test_a_release_goes_on_if_enough_pods_are_ready() -> None:
    """The primary's rolling update may lack one of four pods (maxUnavailable 25 %). With two, its old pods stay."""
    analysis = {"stepWeight": 50, "maxWeight": 50, "canaryReadyThreshold": 50, "primaryReadyThreshold": 50}
    scenarios = parse_scenarios(["pods-fail:1", "pods-fail:2"])
    one, two = planned(analysis, replicas=4, scenarios=scenarios).results
    assert one.run.ending is Ending.PROMOTED
    assert two.run.ending is Ending.ROLLED_BACK
    assert max(tick.canary_weight for tick in two.run.ticks) > 0


@pytest.mark.parametrize("scenario", ["pods-fail:0", "pods-fail:x", "pods-fail:", "pods-fail"])
def test_a_number_of_failing_pods_is_needed(scenario: str) -> None:
    with pytest.raises(UsageError):
        parse_scenarios([scenario])


@pytest.mark.parametrize(
    ("command", "rps", "seconds", "limited"),
    [
        ("hey -z 2m -q 5 -c 3 http://shop-canary.web/", 15, 120, True),
        ("hey -z=2m --q=5 -c=3 http://shop-canary.web/", 15, 120, True),
        ("hey -z 1m -c 2 http://shop-canary.web/", 20, 60, False),
        ("hey -n 100 -c 2 http://shop-canary.web/", 20, 5, False),
        ("hey http://shop-canary.web/", 500, 0.4, False),
    ],
)
def test_the_rate_of_hey_is_read_or_assumed(command: str, rps: float, seconds: float, limited: bool) -> None:
    """Without -q, each worker waits for its answer: assumed to take 100 ms."""
    hook = {"name": "load", "url": "http://tester.tools/", "metadata": {"cmd": command}}
    canary = read_canary({"spec": {"targetRef": {"name": "shop"}, "analysis": {"webhooks": [hook]}}})
    (load,) = load_tests(canary)
    assert (load.rps, load.limited) == (rps, limited)
    assert load.seconds == pytest.approx(seconds)


def test_an_assumed_rate_is_noted_unless_an_option_replaces_it() -> None:
    hook = {"name": "load", "url": "http://t.test/", "metadata": {"cmd": "hey -z 1m -c 2 http://shop-canary.web/"}}
    analysis = {"iterations": 3, "threshold": 2, "webhooks": [hook]}
    plan = planned(analysis, rps=0.0)
    assert any("load test load has no -q" in note and "--synthetic-rps" in note for note in plan.notes)
    assert plan.characteristics[0].healthy.outcomes.rolled_back == 0
    assert not any("has no -q" in note for note in planned(analysis, rps=0.0, synthetic_rps=5.0).notes)
