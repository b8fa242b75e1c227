"""Suggested settings: an independent draw confirms their numbers, and what is said if no setting meets the budgets.

`_Rollouts` draws requests one by one, and reads counters as rate() does. It shares no code with chartgen.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from chartgen.errors import UsageError
from chartgen.flagger.strategy import Strategy
from chartgen.planning.budgets import Budgets, exceeded, parse_budgets
from chartgen.planning.planner import plan_release
from chartgen.planning.request import CanaryContext, PlanRequest
from chartgen.planning.simulation_settings import SimulationSettings
from chartgen.planning.suggestion.outcome import Outcome, excesses, pareto_front
from chartgen.planning.suggestion.search import suggest
from chartgen.planning.suggestion.setting import Routing, Setting
from chartgen.planning.suggestion.space import Limits, routings
from chartgen.planning.week_traffic import WeekTraffic
from chartgen.reporters.suggestion_json import suggestion_json
from chartgen.reporters.suggestion_text import suggestion_text

if TYPE_CHECKING:
    from chartgen.planning.suggestion.suggestion import Suggestion

# A search samples hundreds of settings.
pytestmark = pytest.mark.slow

_SCRAPE = 15.0
_HEALTHY = 0.001
_CHECK = {"name": "request-success-rate", "interval": "1m", "thresholdRange": {"min": 99}}
_WEIGHTS: dict[str, Any] = {"interval": "1m", "threshold": 5, "stepWeight": 10, "maxWeight": 50, "metrics": [_CHECK]}


def context_of(analysis: dict[str, Any], provider: str = "istio", replicas: int = 1) -> CanaryContext:
    metadata = {"name": "till", "namespace": "store"}
    labels = {"app": "till"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "c", "image": "x"}]}}
    target = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata,
        "spec": {"replicas": replicas, "selector": {"matchLabels": labels}, "template": template},
    }
    canary = {
        "apiVersion": "flagger.app/v1beta1",
        "kind": "Canary",
        "metadata": metadata,
        "spec": {
            "provider": provider,
            "targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "till"},
            "service": {"port": 80},
            "analysis": analysis,
        },
    }
    return CanaryContext(canary, (target, canary))


def searched(
    budgets: Budgets, analysis: dict[str, Any] | None = None, *, limits: Limits | None = None, **settings: Any
) -> Suggestion:
    provider, replicas = settings.pop("provider", "istio"), settings.pop("replicas", 1)
    traffic = SimulationSettings(**{"scrape_seconds": _SCRAPE, "healthy_error_rate": _HEALTHY, **settings})
    request = PlanRequest(settings=traffic, detect=budgets.detect)
    return suggest(context_of(analysis or _WEIGHTS, provider, replicas), request, budgets, limits or Limits())


BUDGETS = parse_budgets(None, "30m", "", 300, ["3%:90%"], "2%")
RPS, PODS = 4.0, 2


@pytest.fixture(scope="module")
def found() -> Suggestion:
    return searched(BUDGETS, rps=RPS, replicas=PODS)


@dataclass
class _Pod:
    """Times of the good and of the failed requests, and the phase of its scrapes."""

    phase: float
    good: list[float] = field(default_factory=list)
    bad: list[float] = field(default_factory=list)

    def increase(self, arrivals: list[float], now: float, window: float) -> float | None:
        """increase() of the counter, whose series exists from its first request on."""
        samples, scrape = [], self.phase
        while scrape <= now:
            count = sum(1 for arrival in arrivals if arrival <= scrape)
            if count and scrape > now - window:
                samples.append((scrape, count))
            scrape += _SCRAPE
        if len(samples) < 2:
            return None
        (start, low), (end, high) = samples[0], samples[-1]
        if high == low:
            return 0.0
        before, after = start - (now - window), now - end
        before = _SCRAPE / 2 if before >= 1.1 * _SCRAPE else before
        after = _SCRAPE / 2 if after >= 1.1 * _SCRAPE else after
        before = min(before, (end - start) * low / (high - low))
        return (high - low) * (end - start + before + after) / (end - start)


def drawn(setting: Setting, rate: float, rollouts: int, seed: int) -> float:
    """The share of rollouts by weight that are rolled back if `rate` of the requests fail."""
    rng = random.Random(seed)
    routing = setting.routing
    weights = routing.step_weights or tuple(range(routing.step_weight, routing.max_weight + 1, routing.step_weight))
    return sum(_is_rolled_back(rng, setting, weights, rate) for _ in range(rollouts)) / rollouts


def _is_rolled_back(rng: random.Random, setting: Setting, weights: tuple[int, ...], rate: float) -> bool:
    pods = [_Pod(rng.uniform(0, _SCRAPE)) for _ in range(PODS)]
    step = failed = 0
    now = 0.0
    while step < len(weights):
        arrival = now + rng.expovariate(RPS * weights[step] / 100)
        while arrival < now + setting.interval:
            pod = pods[rng.randrange(PODS)]
            (pod.bad if rng.random() < rate else pod.good).append(arrival)
            arrival += rng.expovariate(RPS * weights[step] / 100)
        now += setting.interval
        good = [each for pod in pods if (each := pod.increase(pod.good, now, setting.window)) is not None]
        bad = [each for pod in pods if (each := pod.increase(pod.bad, now, setting.window)) is not None]
        total = sum(good) + sum(bad)
        if good and total > 0 and sum(good) >= 0.99 * total - 1e-9:
            step += 1
            continue
        failed += 1
        if failed == setting.threshold:
            return True
    return False


def test_an_independent_draw_confirms_the_chosen_setting(found: Suggestion) -> None:
    chosen = found.chosen
    assert chosen is not None
    caught = drawn(chosen.setting, 0.03, 900, seed=5)
    alarms = drawn(chosen.setting, _HEALTHY, 900, seed=6)
    assert chosen.caught[0] == pytest.approx(caught, abs=0.03)
    assert chosen.false_alarm == pytest.approx(alarms, abs=0.015)
    assert caught >= 0.9 - 0.02
    assert alarms <= 0.02 + 0.01


def test_the_failed_requests_are_those_until_the_rollback(found: Suggestion) -> None:
    """All requests fail: threshold checks and one tick at the first weight, Poisson."""
    chosen = found.chosen
    assert chosen is not None
    routing = chosen.setting.routing
    first = (routing.step_weights or (routing.step_weight,))[0]
    mean = RPS * first / 100 * chosen.setting.interval * (chosen.setting.threshold + 1)
    assert chosen.failed_mean == pytest.approx(mean)
    assert chosen.failed_p95 == pytest.approx(mean + 1.645 * mean**0.5, abs=2)


def test_plan_judges_the_suggested_canary_the_same(found: Suggestion) -> None:
    assert found.manifest is not None
    assert found.chosen is not None
    context = context_of({}, replicas=PODS)
    settings = SimulationSettings(rps=RPS, scrape_seconds=_SCRAPE, healthy_error_rate=_HEALTHY)
    request = PlanRequest(settings=settings, detect=BUDGETS.detect, error_rates=(0.01, 0.5))
    plan = plan_release(CanaryContext(found.manifest, context.objects[:1]), request)
    assert exceeded(plan, BUDGETS) == ()
    assert tuple(each.probability for each in plan.detection_probabilities) == found.chosen.caught
    assert plan.results[0].summary.promote_seconds == found.chosen.promote_seconds
    assert plan.false_alarm == found.chosen.false_alarm
    assert plan.failed_requests is not None
    assert plan.failed_requests.p95 == found.chosen.failed_p95


def test_every_setting_of_the_front_meets_the_budgets_and_beats_the_others_in_something(found: Suggestion) -> None:
    assert found.front[0] == found.chosen
    for outcome in found.front:
        assert not list(excesses(outcome, BUDGETS))
        assert not any(other.dominates(outcome) for other in found.front)
    times = [outcome.promote_seconds for outcome in found.front]
    assert times == sorted(times)


def test_more_traffic_catches_more(found: Suggestion) -> None:
    half, twice = found.other_traffic
    assert (half.rps, twice.rps) == (RPS / 2, RPS * 2)
    assert half.outcome.caught < twice.outcome.caught
    assert half.outcome.failed_p95 < twice.outcome.failed_p95


def outcome(routing: Routing, seconds: float, caught: float, failed: float) -> Outcome:
    return Outcome(Setting(routing, 60, 60, 1), seconds, 0.0, 120.0, (caught,), failed, failed, 0.0)


def test_the_front_leaves_out_what_another_setting_beats() -> None:
    fast, slow = Routing(50, 50), Routing(10, 50)
    best = outcome(fast, 300, 0.96, 40)
    spares = outcome(slow, 900, 0.96, 9)
    assert pareto_front([spares, outcome(slow, 900, 0.95, 40), best]) == (best, spares)
    assert pareto_front([best, outcome(slow, 900, 0.965, 40)]) == (best,)
    surer = outcome(slow, 900, 0.99, 40)
    assert pareto_front([best, surer]) == (best, surer)


def test_a_policy_limits_the_weights() -> None:
    allowed = routings(Strategy.WEIGHTS, Limits(max_weight=30, max_step=10), None)
    assert Routing(10, 30) in allowed
    for routing in allowed:
        weights = routing.step_weights or tuple(range(routing.step_weight, routing.max_weight + 1, routing.step_weight))
        assert max(weights) <= 30
        assert max(after - before for before, after in zip((0, *weights), weights, strict=False)) <= 10


def test_too_little_traffic_for_any_canary_by_weight() -> None:
    """0.05 requests per second: 90 in half an hour, of which 1.8 fail; 1 - exp(-1.8) is less than 95 %."""
    budgets = parse_budgets(None, "30m", "", 500, ["2%:95%"], "1%")
    found = searched(budgets, rps=0.05)
    assert found.chosen is None
    assert found.nearest is not None
    (obstacle,) = found.obstacles
    assert "no canary by weight can see 2 % in 30 min" in obstacle
    assert "generate load" in obstacle
    assert "blue/green" in obstacle


@pytest.mark.parametrize(
    ("budgets", "name"),
    [
        (parse_budgets(None, "2m", "", None, ["3%:90%"], "2%"), "--max-duration 2 min"),
        (parse_budgets(None, "30m", "", 2, ["3%:90%"], "2%"), "--max-failed-requests 2"),
    ],
)
def test_the_budget_that_is_in_the_way_is_named(budgets: Budgets, name: str) -> None:
    found = searched(budgets, rps=8.0)
    assert found.chosen is None
    assert any(obstacle.startswith(f"{name} is in the way") for obstacle in found.obstacles), found.obstacles
    assert found.nearest is not None
    assert {excess for excess, _ in excesses(found.nearest, budgets)}


def test_a_minimum_that_accepts_the_rate_is_named() -> None:
    lenient = {**_WEIGHTS, "metrics": [{**_CHECK, "thresholdRange": {"min": 90}}]}
    found = searched(parse_budgets(None, "10m", "", None, ["2%:95%"], "1%"), lenient, rps=50.0)
    assert found.chosen is None
    assert "request-success-rate accepts 10 % of failed requests" in found.obstacles[0]


def test_a_week_is_searched_in_its_quietest_hour_and_says_when_not_to_start() -> None:
    week = WeekTraffic((0.01,) * 6 + (20.0,) * 162, "week.csv")
    budgets = parse_budgets(None, "30m", "", 500, ["5%:90%"], "1%")
    found = searched(budgets, rps=min(week.rates), week=week)
    assert found.chosen is not None
    assert found.hours is not None
    assert found.hours.ranges == ("Sun 23:00 to Mon 06:00",)
    assert any("no canary by weight" in obstacle for obstacle in found.quietest_obstacles)
    assert found.obstacles == ()
    printed = " ".join(suggestion_text(found).split())
    assert "in the quietest hour (Mon 00:00, 0.01 requests per second), no setting meets all budgets: - no" in printed
    assert "P(caught) and false alarms: those in the median hour of the week (20 requests per second)" in printed
    assert "failed requests: the 95th percentile in the busiest hour (Mon 06:00, 20 requests per second)" in printed
    assert "with twice the traffic (40 per second, 40 in the busiest hour)" in printed


def test_each_hour_names_its_own_obstacles() -> None:
    """2 minutes are too short at 1 and at 8 requests per second, and 40 per second fail more than 5."""
    week = WeekTraffic((1.0,) * 30 + (8.0,) * 100 + (40.0,) * 38, "week.csv")
    budgets = parse_budgets(None, "2m", "", 5, ["3%:90%"], "2%")
    found = searched(budgets, rps=1.0, week=week)
    assert found.chosen is None
    assert found.quietest_obstacles
    assert found.obstacles
    obstacles: list[str] = json.loads(suggestion_json(found))["obstacles"]
    hours = [obstacle.partition(", no setting")[0] for obstacle in obstacles]
    assert list(dict.fromkeys(hours)) == [
        "in the quietest hour (Mon 00:00, 1 request per second)",
        "in the median hour of the week (8 requests per second)",
    ]


def test_other_traffic_scales_all_hours_of_the_week() -> None:
    week = WeekTraffic((8.0,) * 100 + (20.0,) * 68, "week.csv")
    found = searched(parse_budgets(None, "4m", "", None, ["5%:90%"], "1%"), rps=8.0, week=week)
    half, twice = found.other_traffic
    assert (half.rps, half.peak_rps, twice.rps, twice.peak_rps) == (4, 10, 16, 40)
    assert found.chosen is not None
    assert half.outcome.failed_p95 < found.chosen.failed_p95 < twice.outcome.failed_p95


def test_rollbacks_for_missing_values_are_no_detection() -> None:
    """At 0.01 requests per second most windows are empty: Flagger rolls back every release."""
    found = searched(parse_budgets(None, "4m", "", None, ["2%:95%"], "1%"), rps=0.01)
    assert found.current is not None
    assert found.current.caught[0] > 0.9
    assert found.current.false_alarm > 0.9
    assert found.current.detected == (0.0,)
    printed = suggestion_text(found)
    row = next(line for line in printed.splitlines() if line.startswith("  now "))
    assert " - " in row
    assert "P(caught) -: Flagger rolls back healthy releases almost as often" in printed
    assert "detect" in {name for name, _ in excesses(found.current, found.budgets)}


def test_settings_that_meet_the_budgets_are_kept_if_none_is_faster() -> None:
    fast = {**_WEIGHTS, "interval": "30s", "threshold": 2, "stepWeight": 50, "maxWeight": 50}
    found = searched(parse_budgets(None, "4m", "", None, ["5%:90%"], "2%"), fast, rps=50.0)
    assert found.current_suffices
    assert found.keeps_current
    assert found.chosen == found.current == found.front[0]
    printed = " ".join(suggestion_text(found).split())
    assert "the present settings already meet all budgets, and no other setting that does is faster" in printed
    assert "suggested" not in printed


def test_settings_that_meet_the_budgets_are_named_if_another_one_is_faster() -> None:
    found = searched(parse_budgets(None, "10m", "", None, ["5%:90%"], "2%"), rps=50.0)
    assert found.current_suffices
    assert not found.keeps_current
    assert "the present settings already meet all budgets; the suggestion promotes in" in suggestion_text(found)


def test_settings_beyond_a_policy_are_not_kept() -> None:
    fast = {**_WEIGHTS, "interval": "30s", "threshold": 2, "stepWeight": 50, "maxWeight": 50}
    budgets = parse_budgets(None, "4m", "", None, ["5%:90%"], "2%")
    found = searched(budgets, fast, limits=Limits(max_step=10), rps=50.0)
    assert not found.current_suffices
    assert found.chosen is not None
    assert max(found.chosen.setting.routing.step_weights or (found.chosen.setting.routing.step_weight,)) <= 50
    assert found.chosen.setting.routing != Routing(50, 50)


def test_iterations_need_load() -> None:
    silent = {"interval": "1m", "iterations": 5, "threshold": 2, "metrics": [_CHECK]}
    budgets = parse_budgets(None, "10m", "", None, ["3%:90%"], "2%")
    without = searched(budgets, silent, rps=3.0, provider="kubernetes")
    assert without.chosen is None
    assert "generate load with a webhook" in without.obstacles[0]
    command = "hey -z 5m -q 5 -c 2 http://till-canary.store/"
    load = {"name": "load", "url": "http://tester.tools/", "metadata": {"cmd": command}}
    found = searched(budgets, {**silent, "webhooks": [load]}, rps=3.0, provider="kubernetes")
    assert found.chosen is not None
    assert found.chosen.setting.routing.iterations
    assert found.chosen.failed_p95 == 0


@pytest.mark.parametrize(
    ("analysis", "message"),
    [
        (
            {**_WEIGHTS, "metrics": [{"name": "request-duration", "thresholdRange": {"max": 5}}]},
            "counts failed requests",
        ),
        (
            {
                "interval": "30s",
                "iterations": 5,
                "threshold": 2,
                "match": [{"headers": {"x": {"exact": "y"}}}],
                "metrics": [_CHECK],
            },
            "A/B test",
        ),
    ],
)
def test_a_search_that_makes_no_sense_is_refused(analysis: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message) as refused:
        searched(BUDGETS, analysis, rps=3.0)
    assert refused.value.hint
