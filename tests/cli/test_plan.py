"""`chartgen plan` as a user runs it: sources, formats, budgets, comparisons, and errors."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chartgen.errors import ChartgenError
from chartgen.planning.detection.detection_budget import DetectionBudget
from chartgen.planning.planner import plan_release
from chartgen.planning.request import CanaryContext, PlanRequest
from chartgen.planning.scenarios import parse_scenarios
from chartgen.planning.simulation_settings import SimulationSettings
from chartgen.resources import schema
from tests.conftest import LONG_RUN
from tests.running import chartgen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from typing import Any

SEED = """\
apiVersion: flagger.app/v1beta1
kind: Canary
metadata:
  name: app
  namespace: prod
spec:
  targetRef: {apiVersion: apps/v1, kind: Deployment, name: app}
  service: {port: 80}
  analysis:
    interval: 60s
    threshold: 5
    maxWeight: 50
    stepWeight: 10
    metrics:
    - name: request-success-rate
      interval: 1m
      thresholdRange: {min: 99}
"""


def planned(text: str, *arguments: str) -> dict[str, Any]:
    completed = chartgen("plan", "-", "--format", "json", *arguments, given=text)
    assert completed.returncode in {0, 1}, completed.stderr
    document: dict[str, Any] = json.loads(completed.stdout, parse_constant=pytest.fail)
    jsonschema.validate(document, schema("plan-result-v1.schema.json"))
    return document


def scenario(text: str, *arguments: str, index: int = 0) -> dict[str, Any]:
    result: dict[str, Any] = planned(text, *arguments)["plans"][0]["scenarios"][index]
    return result


@pytest.fixture
def canary_chart(chart: Callable[[str], Path]) -> Path:
    folder = chart("jenkins-x")
    completed = chartgen("add-canary", str(folder), "--namespace", "jx-production")
    assert completed.returncode == 0, completed.stderr
    return folder


def test_the_ticks_of_a_weight_canary() -> None:
    ticks = scenario(SEED)["ticks"]
    assert [tick["canary_weight"] for tick in ticks] == [0, 10, 20, 30, 40, 50, 50, 0, 0]
    assert [tick["phase"] for tick in ticks] == [*["Progressing"] * 6, "Promoting", "Finalising", "Succeeded"]
    assert ticks[1]["events"][1]["text"] == "Advance app.prod canary weight 10"


def test_the_numbers_of_a_weight_canary() -> None:
    plan = planned(
        SEED,
        "--scenario",
        "success",
        "--scenario",
        "fail@10",
        "--rps",
        "20",
        "--error-rate",
        "5%",
        "--scrape-interval",
        "0s",
    )["plans"][0]
    success, failing = plan["scenarios"]
    assert (success["promote_seconds"], success["exposure_percent_minutes"]) == (480, 200)
    assert (failing["rollback_seconds"], failing["exposure_percent_minutes"]) == (360, 60)
    assert failing["requests"] == 720
    assert plan["worst_rollback_seconds"] == 360
    row = next(row for row in plan["detection"][0]["rows"] if row["rate"] == 0.05)
    expected = (row["bad_requests_mean"], row["bad_requests_p95"], row["promoted"])
    assert tuple(plan["failed_requests"][key] for key in ("mean", "p95", "promoted")) == expected


def canary_with(**analysis: object) -> str:
    kept = {"interval": "60s", "threshold": 5, "maxWeight": 50, "stepWeight": 10}
    document = {
        "apiVersion": "flagger.app/v1beta1",
        "kind": "Canary",
        "metadata": {"name": "app", "namespace": "prod"},
        "spec": {
            **({"provider": analysis.pop("provider")} if "provider" in analysis else {}),
            "targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "app"},
            "service": {"port": 80},
            "analysis": {key: value for key, value in {**kept, **analysis}.items() if value is not None},
        },
    }
    return json.dumps(document)


METRIC = {"name": "request-success-rate", "interval": "1m", "thresholdRange": {"min": 99}}


@pytest.mark.parametrize(
    ("analysis", "warning"),
    [
        ({"stepWeight": 20}, "stepWeight 20 with maxWeight 50 sends 60 %"),
        ({"stepWeight": 40, "maxWeight": 110}, "never promotes: maxWeight 110 can't be reached"),
        ({}, "the analysis has no metrics and no rollout webhooks"),
        ({"threshold": 0}, "threshold 0 counts as 1"),
        ({"interval": "5s"}, "interval 5s is below Flagger's minimum: Flagger uses 10 s"),
        ({"interval": "5min"}, "interval '5min' isn't a valid duration: Flagger uses 1 min"),
        ({"stepWeight": None, "stepWeights": [10, 50, 5]}, "stepWeights [10, 50, 5] never sends 50, 5 %"),
        ({"stepWeight": None, "stepWeights": [10, 50, 20]}, "stalls at 50 %"),
        ({"provider": "kubernetes"}, "Flagger runs 10 iterations instead of the weights"),
        ({"provider": "linkerd", "mirror": True}, "can't mirror"),
        ({"stepWeight": None, "maxWeight": None, "iterations": 3, "metrics": [METRIC]}, "no user reaches the new version"),
        ({"provider": "linkerd", "iterations": 2, "stepWeight": None, "match": [{"headers": {"x": {"exact": "y"}}}]},
         "all users reach the new version in iteration 1"),
        ({"match": [{"headers": {"x": {"exact": "y"}}}]}, "match without iterations isn't an A/B test"),
        ({"provider": "nginx", "sessionAffinity": {"cookieName": "c"}}, "provider nginx ignores sessionAffinity"),
    ],
)  # fmt: skip
def test_warnings_name_unexpected_behavior(analysis: dict[str, object], warning: str) -> None:
    warnings = planned(canary_with(**analysis))["plans"][0]["warnings"]
    assert any(warning in each for each in warnings), warnings


def test_a_regular_canary_has_no_warnings() -> None:
    assert planned(SEED)["plans"][0]["warnings"] == []


def test_a_canary_that_never_promotes_only_fails_with_a_budget() -> None:
    stuck = canary_with(stepWeight=40, maxWeight=110, metrics=[METRIC])
    completed = chartgen("plan", "-", given=stuck)
    assert completed.returncode == 0
    assert "never promotes: maxWeight 110 can't be reached" in completed.stdout
    assert chartgen("plan", "-", "--max-duration", "30m", given=stuck).returncode == 1


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--max-exposure", "200", "--max-duration", "8m", "--max-rollback-time", "6m"], 0),
        (["--max-exposure", "199"], 1),
        (["--scenario", "fail@10", "--max-exposure", "60"], 0),
        (["--max-duration", "7m"], 1),
        (["--max-rollback-time", "5m"], 1),
        (["--rps", "20", "--scrape-interval", "0s", "--max-failed-requests", "800"], 0),
        (["--rps", "20", "--scrape-interval", "0s", "--max-failed-requests", "719"], 1),
        (["--rps", "20", "--error-rate", "10%", "--scrape-interval", "0s", "--max-failed-requests", "120"], 0),
        (["--rps", "20", "--scrape-interval", "0s", "--detect", "2%:95%"], 0),
        (["--rps", "20", "--scrape-interval", "0s", "--detect", "1%:95%"], 1),
        (["--rps", "0.01", "--scrape-interval", "0s", "--detect", "100%:95%"], 1),
    ],
)
def test_budgets_decide_the_exit_code(arguments: list[str], code: int) -> None:
    completed = chartgen("plan", "-", *arguments, given=SEED)
    assert completed.returncode == code, completed.stdout + completed.stderr
    assert ("over budget: " in completed.stdout) == (code == 1)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--scenario", "fail"],
        ["--pod-start", "soon"],
        ["--flagger-version", "x"],
        ["--error-rate", "5%"],
        ["--detect", "2%:95%"],
        ["--max-failed-requests", "5"],
        ["--rps", "-1"],
        ["--rps", "inf"],
        ["--rps", "5", "--error-rates", "5%,x"],
        ["--max-exposure", "-1"],
        ["--canary", "other"],
        ["--compare", "values:x.yaml"],
        ["--compare", "what"],
        ["--scenario", "fail@10", "--max-duration", "5m"],
        ["-o", "/dev/null/x"],
    ],
)
def test_invalid_options_are_rejected(arguments: list[str]) -> None:
    completed = chartgen("plan", "-", *arguments, given=SEED)
    assert completed.returncode == 2
    assert completed.stderr.startswith("error: ")
    assert "unexpected" not in completed.stderr


@pytest.mark.parametrize(
    "text", ["", "kind: Deployment\n", "a: [", "[]", "apiVersion: flagger.app/v1beta1\nkind: Canary\n"]
)
def test_documents_without_a_canary_are_rejected(text: str) -> None:
    completed = chartgen("plan", "-", given=text)
    assert completed.returncode == 2
    assert "unexpected" not in completed.stderr


def test_a_canary_that_the_api_server_rejects_is_an_error() -> None:
    completed = chartgen("plan", "-", given=SEED.replace("threshold: 5", "threshold: many"))
    assert completed.returncode == 2
    assert "the API server rejects Canary app: spec.analysis.threshold" in completed.stderr


def test_pod_start_delays_the_promotion(canary_chart: Path) -> None:
    plain = chartgen("plan", str(canary_chart))
    assert plain.returncode == 0, plain.stderr
    assert "promoted after 8 min" in plain.stdout
    slow = chartgen("plan", str(canary_chart), "--pod-start", "90s")
    assert "promoted after 10 min" in slow.stdout


def test_a_chart_without_a_canary_is_rejected_with_a_hint(chart: Callable[[str], Path]) -> None:
    completed = chartgen("plan", str(chart("jenkins-x")))
    assert completed.returncode == 2
    assert "chartgen add-canary" in completed.stderr


def test_values_are_compared(canary_chart: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text("canary:\n  canaryAnalysis:\n    stepWeight: 25\n")
    completed = chartgen("plan", str(canary_chart), "--compare", f"values:{other}", "--format", "json")
    document = json.loads(completed.stdout)
    weights = [max(tick["canary_weight"] for tick in plan["scenarios"][0]["ticks"]) for plan in document["plans"]]
    seconds = [plan["scenarios"][0]["promote_seconds"] for plan in document["plans"]]
    assert [plan["label"] for plan in document["plans"]] == ["here", f"values:{other}"]
    assert weights == [50, 50]
    assert seconds == [480, 300]
    text = chartgen("plan", str(canary_chart), "--compare", f"values:{other}")
    assert "side by side" in text.stdout


def test_revisions_are_compared(canary_chart: Path) -> None:
    def git(*arguments: str) -> None:
        identity = ["-c", "user.email=dev@example.test", "-c", "user.name=dev"]
        subprocess.run(["git", *identity, *arguments], cwd=canary_chart, check=True, capture_output=True)

    git("init", "-q")
    git("add", "-A")
    git("commit", "-q", "-m", "first")
    values = canary_chart / "values.yaml"
    values.write_text(values.read_text().replace("stepWeight: 10", "stepWeight: 50"))
    document = json.loads(chartgen("plan", str(canary_chart), "--compare", "git:HEAD", "--format", "json").stdout)
    assert [plan["scenarios"][0]["promote_seconds"] for plan in document["plans"]] == [240, 480]
    unknown = chartgen("plan", str(canary_chart), "--compare", "git:nowhere")
    assert unknown.returncode == 2
    assert "nowhere" in unknown.stderr


def test_several_canaries_are_planned_in_sequence() -> None:
    both = f"{SEED}---\n{SEED.replace('name: app', 'name: web')}"
    assert [plan["canary"]["name"] for plan in planned(both)["plans"]] == ["app", "web"]
    assert [plan["canary"]["name"] for plan in planned(both, "--canary", "web")["plans"]] == ["web"]
    rejected = chartgen("plan", "-", "--format", "svg", given=both)
    assert rejected.returncode == 2
    assert "--canary" in rejected.stderr


def test_the_first_installation() -> None:
    result = scenario(SEED, "--bootstrap")
    assert result["ending"] == "initialized"
    assert result["ticks"][-1]["events"][-1]["text"] == "Initialization done! app.prod"


def test_slow_pods_delay_the_first_step() -> None:
    result = scenario(SEED, "--scenario", "slow-start:150s")
    assert [tick["canary_weight"] for tick in result["ticks"]][:5] == [0, 0, 0, 10, 20]
    late = scenario(
        SEED.replace("  service:", "  progressDeadlineSeconds: 60\n  service:"), "--scenario", "slow-start:10m"
    )
    assert late["ending"] == "rolled back"


def test_a_closed_gate_stalls_the_release() -> None:
    hooks = [{"name": "ask", "type": "confirm-promotion", "url": "http://gate/check"}]
    result = scenario(canary_with(webhooks=hooks, metrics=[METRIC]), "--scenario", "gate-closed")
    assert result["ending"] == "never ends"
    assert "confirm-promotion" in result["stall"]
    assert result["exposure_percent_minutes"] is None


def test_checks_can_fail_from_a_weight() -> None:
    result = scenario(SEED, "--scenario", "fail@30")
    assert max(tick["canary_weight"] for tick in result["ticks"]) == 30
    unreached = planned(SEED, "--scenario", "fail@80")["plans"][0]
    assert unreached["scenarios"][0]["ending"] == "promoted"
    assert "no check runs at weight 80 or above" in unreached["warnings"][0]


def test_without_metrics_a_failing_release_is_promoted() -> None:
    plan = planned(canary_with(), "--scenario", "fail@0", "--rps", "10", "--scrape-interval", "0s")["plans"][0]
    assert plan["scenarios"][0]["ending"] == "promoted"
    assert plan["rolls_back"] is False


def test_flaky_checks_follow_the_seed() -> None:
    results = [scenario(SEED, "--scenario", "flaky:0.4", "--seed", seed) for seed in ("1", "1", "2")]
    assert results[0] == results[1]
    assert results[0]["chance"]["promoted"] == pytest.approx(results[2]["chance"]["promoted"])
    assert results[0]["chance"]["promoted"] == pytest.approx(0.733, abs=0.001)


def test_older_flagger_versions_are_supported() -> None:
    assert planned(SEED, "--flagger-version", "v1.41.0")["plans"][0]["flagger"] == "1.41.0"


INVALID: st.SearchStrategy[Any] = st.sampled_from([2.5, 10**20, "10", None, True, [1], {}])
NUMBER: st.SearchStrategy[Any] = st.integers(-20, 250)
TEXT: st.SearchStrategy[Any] = st.sampled_from(["10s", "1m", "90s", "5min", "0s"])
METRIC_SPEC = st.fixed_dictionaries(
    {"name": st.sampled_from(["request-success-rate", "request-duration", "mine", ""])},
    optional={
        "interval": TEXT,
        "threshold": NUMBER,
        "thresholdRange": st.dictionaries(st.sampled_from(["min", "max"]), NUMBER),
        "query": st.just("x"),
        "templateRef": st.just({"name": "t", "namespace": "other"}),
    },
)
TYPES = ("rollout", "confirm-rollout", "confirm-promotion", "pre-rollout", "rollback", "confirm-traffic-increase",
         "post-rollout", "event")  # fmt: skip
HOOK = st.fixed_dictionaries(
    {"name": st.just("h"), "url": st.just("http://h/")}, optional={"type": st.sampled_from(TYPES), "timeout": TEXT}
)
ANALYSIS: st.SearchStrategy[dict[str, Any]] = st.tuples(
    st.fixed_dictionaries(
        {"interval": st.sampled_from(["10s", "1m", "5min"]), "threshold": st.integers(-1, 6)},
        optional={
            "maxWeight": NUMBER,
            "stepWeightPromotion": NUMBER,
            "mirror": st.booleans(),
            "mirrorWeight": NUMBER,
            "match": st.just([{"headers": {"x": {"exact": "y"}}}]),
            "metrics": st.lists(METRIC_SPEC, max_size=3),
            "webhooks": st.lists(HOOK, max_size=3),
            "sessionAffinity": st.just({"cookieName": "c"}),
            "primaryReadyThreshold": NUMBER,
        },
    ),
    st.one_of(
        st.fixed_dictionaries({"stepWeight": NUMBER}),
        st.fixed_dictionaries({"stepWeights": st.lists(st.integers(-5, 120), max_size=5)}),
        st.fixed_dictionaries({"iterations": NUMBER}),
    ),
).map(lambda parts: {**parts[0], **parts[1]})
TARGET = st.sampled_from([{"apiVersion": "apps/v1", "kind": kind, "name": "app"} for kind in ("Deployment", "DaemonSet", "Service")])  # fmt: skip
PROVIDERS = (
    "istio",
    "linkerd",
    "nginx",
    "kubernetes",
    "gatewayapi:v1",
    "skipper",
    "traefik",
    "appmesh",
    "contour",
    "gloo",
)
SPEC: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"targetRef": TARGET, "service": st.just({"port": 80}), "analysis": ANALYSIS},
    optional={
        "provider": st.sampled_from(PROVIDERS),
        "skipAnalysis": st.booleans(),
        "suspend": st.booleans(),
        "progressDeadlineSeconds": NUMBER,
        "ingressRef": st.just({"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "name": "app"}),
        "autoscalerRef": st.just({"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "name": "app"}),
    },
)
SPEC_WITH_INVALID_FIELD: st.SearchStrategy[dict[str, Any]] = st.tuples(
    SPEC, st.sampled_from(["analysis", "service", "provider", "targetRef", "suspend"]), INVALID
).map(lambda parts: {**parts[0], parts[1]: parts[2]})
SPEC_WITH_INVALID_ANALYSIS: st.SearchStrategy[dict[str, Any]] = st.tuples(
    SPEC, st.sampled_from(["maxWeight", "stepWeight", "threshold", "interval", "metrics", "webhooks"]), INVALID
).map(lambda parts: {**parts[0], "analysis": {**parts[0]["analysis"], parts[1]: parts[2]}})


@settings(
    max_examples=120 if LONG_RUN else 40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(
    spec=st.one_of(SPEC, SPEC, SPEC, SPEC_WITH_INVALID_FIELD, SPEC_WITH_INVALID_ANALYSIS),
    only_flagger_objects=st.booleans(),
    bootstrap=st.booleans(),
)
def test_any_spec_ends_stalls_or_is_rejected(
    spec: Mapping[str, Any], only_flagger_objects: bool, bootstrap: bool
) -> None:
    """Only a ChartgenError is raised; weights are between 0 and 100; every run ends, stalls or is cut."""
    canary = {"apiVersion": "flagger.app/v1beta1", "kind": "Canary", "metadata": {"name": "app", "namespace": "prod"}, "spec": spec}  # fmt: skip
    scenarios = parse_scenarios(["success", "fail@10", "gate-closed", "slow-start:90s"])
    try:
        plan = plan_release(
            CanaryContext(canary, (canary,), only_flagger_objects), PlanRequest(scenarios, bootstrap=bootstrap)
        )
    except ChartgenError:
        return
    for result in plan.results:
        ticks = result.run.ticks
        # As they are, Flagger writes stepWeight and 100 - stepWeight after the mirroring step (scheduler.go:runCanary),
        # and the sum and difference with a negative stepWeightPromotion (scheduler.go:runPromotionTrafficShift).
        analysis = spec.get("analysis")
        promotion = analysis.get("stepWeightPromotion") if isinstance(analysis, dict) else None
        unlimited = isinstance(promotion, int) and promotion < 0
        if not unlimited and not any(tick.mirrored for tick in ticks):
            assert all(0 <= tick.canary_weight <= 100 and 0 <= tick.primary_weight <= 100 for tick in ticks)
        assert all(0 <= tick.user_share <= 1 and 0 <= tick.measured_share <= 1 for tick in ticks)
        assert len(ticks) <= 1000
        assert [tick.second for tick in ticks] == sorted(tick.second for tick in ticks)
        assert result.summary.exposure >= 0


@pytest.mark.slow
@settings(
    max_examples=25 if LONG_RUN else 10,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(spec=SPEC, scrape=st.sampled_from([0.0, 15.0]), synthetic=st.sampled_from([0.0, 3.0]))
def test_any_spec_has_a_characteristic(spec: Mapping[str, Any], scrape: float, synthetic: float) -> None:
    """All probabilities are between 0 and 1, for every check and both methods."""
    canary = {"apiVersion": "flagger.app/v1beta1", "kind": "Canary", "metadata": {"name": "app", "namespace": "prod"}, "spec": spec}  # fmt: skip
    traffic = SimulationSettings(rps=5.0, scrape_seconds=scrape, synthetic_rps=synthetic, rollouts=50)
    request = PlanRequest(
        parse_scenarios(["flaky:0.3"]),
        traffic,
        error_rates=(0.02, 1.0),
        slow_rates=(0.05,),
        detect=(DetectionBudget(0.5, 0.9),),
    )
    try:
        plan = plan_release(CanaryContext(canary, (canary,), only_flagger_objects=True), request)
    except ChartgenError:
        return
    for characteristic in plan.characteristics:
        for row in (characteristic.healthy, *characteristic.rows):
            assert 0 <= row.outcomes.rolled_back <= 1
            assert row.outcomes.rolled_back + row.outcomes.promoted <= 1 + 1e-9
            assert row.outcomes.bad_mean >= 0
            assert row.outcomes.bad_p95 >= 0
    assert all(0 <= each.probability <= 1 for each in plan.detection_probabilities)


def test_a_page_shows_all_canaries_and_a_picture_only_one() -> None:
    both = f"{SEED}---\n{SEED.replace('name: app', 'name: web')}"
    page = chartgen("plan", "-", "--format", "html", given=both)
    assert page.returncode == 0, page.stderr
    assert page.stdout.count("<h1>") == 2
    picture = chartgen("plan", "-", "--format", "svg", given=both)
    assert (picture.returncode, picture.stdout) == (2, "")
    assert "error: stdin has 2 Canaries: app, web" in picture.stderr
    assert "--canary NAME" in picture.stderr
    assert "--format html" in picture.stderr


def test_what_cannot_be_compared_is_named(canary_chart: Path) -> None:
    """Outside a repository, in one whose commit has no such chart, and without the values file."""

    def refused(compare: str) -> str:
        done = chartgen("plan", str(canary_chart), "--compare", compare)
        assert (done.returncode, done.stdout) == (2, "")
        return " ".join(done.stderr.split())

    assert "nope.yaml: file not found help: name a values file" in refused("values:nope.yaml")
    outside = refused("git:HEAD")
    assert "isn't in a Git repository help: compare with values:FILE or chart:DIR" in outside
    identity = ["-c", "user.email=dev@example.test", "-c", "user.name=dev"]
    for arguments in (["init", "-q"], [*identity, "commit", "-q", "--allow-empty", "-m", "first"]):
        subprocess.run(["git", *arguments], cwd=canary_chart.parent, check=True, capture_output=True)
    assert "isn't in this revision help: name a branch, tag or commit that contains the chart" in refused("git:HEAD")
