"""`chartgen plan` as a user runs it: sources, formats, budgets, comparisons, and what it refuses."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chartgen.errors import ChartgenError
from chartgen.planning.budgets import Detect
from chartgen.planning.planner import plan_release
from chartgen.planning.release_plan import Settings
from chartgen.planning.request import PlanRequest, Stage
from chartgen.planning.scenarios import parse_scenarios
from chartgen.resources import schema
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
    done = chartgen("plan", "-", "--format", "json", *arguments, given=text)
    assert done.returncode in {0, 1}, done.stderr
    document: dict[str, Any] = json.loads(done.stdout, parse_constant=pytest.fail)
    jsonschema.validate(document, schema("plan-result-v1.schema.json"))
    return document


def scenario(text: str, *arguments: str, at: int = 0) -> dict[str, Any]:
    found: dict[str, Any] = planned(text, *arguments)["plans"][0]["scenarios"][at]
    return found


@pytest.fixture
def canary_chart(chart: Callable[[str], Path]) -> Path:
    folder = chart("jenkins-x")
    done = chartgen("add-canary", str(folder), "--namespace", "jx-production")
    assert done.returncode == 0, done.stderr
    return folder


def test_the_seed_example_is_semantics_section_7() -> None:
    ticks = scenario(SEED)["ticks"]
    assert [tick["canary_weight"] for tick in ticks] == [0, 10, 20, 30, 40, 50, 50, 0, 0]
    assert [tick["phase"] for tick in ticks] == [*["Progressing"] * 6, "Promoting", "Finalising", "Succeeded"]
    assert ticks[1]["events"][1]["text"] == "Advance app.prod canary weight 10"


def test_its_numbers() -> None:
    plan = planned(SEED, "--scenario", "success", "--scenario", "fail@10", "--rps", "20", "--error-rate", "5%")[
        "plans"
    ][0]
    success, failing = plan["scenarios"]
    assert (success["promote_seconds"], success["exposure_percent_minutes"]) == (480, 200)
    assert (failing["rollback_seconds"], failing["exposure_percent_minutes"]) == (360, 60)
    assert (failing["requests"], failing["failed_requests"]) == (720, 36)
    assert plan["worst_rollback_seconds"] == 360
    assert plan["failed_requests_at_worst"] == 36


def replaced(**analysis: object) -> str:
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
    ("analysis", "told"),
    [
        ({"stepWeight": 20}, "stepWeight 20 with maxWeight 50 sends 60 %"),
        ({"stepWeight": 40, "maxWeight": 110}, "never promotes: maxWeight 110 can't be reached"),
        ({}, "nothing is measured"),
        ({"threshold": 0}, "threshold 0 counts as 1"),
        ({"interval": "5s"}, "interval 5s is below Flagger's shortest: it takes 10 s"),
        ({"interval": "5min"}, "interval '5min' cannot be read: Flagger takes 1 min"),
        ({"stepWeight": None, "stepWeights": [10, 50, 5]}, "stepWeights [10, 50, 5] never sends 50, 5 %"),
        ({"stepWeight": None, "stepWeights": [10, 50, 20]}, "stands still at 50 %"),
        ({"provider": "kubernetes"}, "replaced by 10 iterations"),
        ({"provider": "linkerd", "mirror": True}, "cannot mirror"),
        ({"stepWeight": None, "maxWeight": None, "iterations": 3, "metrics": [METRIC]}, "no user reaches the new version"),
        ({"provider": "linkerd", "iterations": 2, "stepWeight": None, "match": [{"headers": {"x": {"exact": "y"}}}]},
         "all users go to the new version"),
        ({"match": [{"headers": {"x": {"exact": "y"}}}]}, "match without iterations is no A/B test"),
        ({"provider": "nginx", "sessionAffinity": {"cookieName": "c"}}, "sessionAffinity is ignored by provider nginx"),
    ],
)  # fmt: skip
def test_surprises_are_told_in_plain_words(analysis: dict[str, object], told: str) -> None:
    surprises = planned(replaced(**analysis))["plans"][0]["warnings"]
    assert any(told in one for one in surprises), surprises


def test_nothing_surprises_in_the_seed_example() -> None:
    assert planned(SEED)["plans"][0]["warnings"] == []


def test_a_canary_that_never_promotes_is_no_failure_without_a_budget() -> None:
    stuck = replaced(stepWeight=40, maxWeight=110, metrics=[METRIC])
    done = chartgen("plan", "-", given=stuck)
    assert done.returncode == 0
    assert "never promotes: maxWeight 110 can't be reached" in done.stdout
    assert chartgen("plan", "-", "--max-duration", "30m", given=stuck).returncode == 1


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--max-exposure", "200", "--max-duration", "8m", "--max-rollback-time", "6m"], 0),
        (["--max-exposure", "199"], 1),
        (["--scenario", "fail@10", "--max-exposure", "60"], 0),
        (["--max-duration", "7m"], 1),
        (["--max-rollback-time", "5m"], 1),
        (["--rps", "20", "--max-failed-requests", "720"], 0),
        (["--rps", "20", "--max-failed-requests", "719"], 1),
        (["--rps", "20", "--error-rate", "10%", "--max-failed-requests", "72"], 0),
        (["--rps", "20", "--detect", "2%:95%"], 0),
        (["--rps", "20", "--detect", "1%:95%"], 1),
        (["--rps", "0.01", "--detect", "100%:95%"], 0),
    ],
)
def test_budgets_decide_the_exit_code(arguments: list[str], code: int) -> None:
    done = chartgen("plan", "-", *arguments, given=SEED)
    assert done.returncode == code, done.stdout + done.stderr
    assert ("over budget: " in done.stdout) == (code == 1)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--scenario", "fail"],
        ["--format", "pdf"],
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
def test_what_cannot_be_meant_is_refused_with_a_hint(arguments: list[str]) -> None:
    done = chartgen("plan", "-", *arguments, given=SEED)
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert "unexpected" not in done.stderr


@pytest.mark.parametrize(
    "text", ["", "kind: Deployment\n", "a: [", "[]", "apiVersion: flagger.app/v1beta1\nkind: Canary\n"]
)
def test_documents_without_a_canary_to_plan(text: str) -> None:
    done = chartgen("plan", "-", given=text)
    assert done.returncode == 2
    assert "unexpected" not in done.stderr


def test_a_canary_the_api_server_refuses_is_not_planned() -> None:
    done = chartgen("plan", "-", given=SEED.replace("threshold: 5", "threshold: many"))
    assert done.returncode == 2
    assert "the API server refuses it: spec.analysis.threshold" in done.stderr


def test_a_chart_with_its_probes(canary_chart: Path) -> None:
    plain = chartgen("plan", str(canary_chart))
    assert plain.returncode == 0, plain.stderr
    assert "promoted after 8 min" in plain.stdout
    slow = chartgen("plan", str(canary_chart), "--pod-start", "90s")
    assert "promoted after 10 min" in slow.stdout


def test_a_chart_without_a_canary_says_how_to_get_one(chart: Callable[[str], Path]) -> None:
    done = chartgen("plan", str(chart("jenkins-x")))
    assert done.returncode == 2
    assert "chartgen add-canary" in done.stderr


def test_values_are_compared(canary_chart: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text("canary:\n  canaryAnalysis:\n    stepWeight: 25\n")
    done = chartgen("plan", str(canary_chart), "--compare", f"values:{other}", "--format", "json")
    document = json.loads(done.stdout)
    weights = [max(tick["canary_weight"] for tick in one["scenarios"][0]["ticks"]) for one in document["plans"]]
    seconds = [one["scenarios"][0]["promote_seconds"] for one in document["plans"]]
    assert [one["label"] for one in document["plans"]] == ["here", f"values:{other}"]
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
    assert [one["scenarios"][0]["promote_seconds"] for one in document["plans"]] == [240, 480]
    wrong = chartgen("plan", str(canary_chart), "--compare", "git:nowhere")
    assert wrong.returncode == 2
    assert "nowhere" in wrong.stderr


def test_several_canaries_one_after_the_other() -> None:
    both = f"{SEED}---\n{SEED.replace('name: app', 'name: web')}"
    assert [one["canary"]["name"] for one in planned(both)["plans"]] == ["app", "web"]
    assert [one["canary"]["name"] for one in planned(both, "--canary", "web")["plans"]] == ["web"]
    refused = chartgen("plan", "-", "--format", "svg", given=both)
    assert refused.returncode == 2
    assert "--canary" in refused.stderr


def test_the_first_installation() -> None:
    found = scenario(SEED, "--bootstrap")
    assert found["ending"] == "initialized"
    assert found["ticks"][-1]["events"][-1]["text"] == "Initialization done! app.prod"


def test_slow_pods_delay_the_first_step() -> None:
    found = scenario(SEED, "--scenario", "slow-start:150s")
    assert [tick["canary_weight"] for tick in found["ticks"]][:5] == [0, 0, 0, 10, 20]
    dead = scenario(
        SEED.replace("  service:", "  progressDeadlineSeconds: 60\n  service:"), "--scenario", "slow-start:10m"
    )
    assert dead["ending"] == "rolled back"


def test_gates() -> None:
    hooks = [{"name": "ask", "type": "confirm-promotion", "url": "http://gate/check"}]
    found = scenario(replaced(webhooks=hooks, metrics=[METRIC]), "--scenario", "gate-closed")
    assert found["ending"] == "never ends"
    assert "confirm-promotion" in found["stall"]
    assert found["exposure_percent_minutes"] is None


def test_failing_from_a_weight_on() -> None:
    found = scenario(SEED, "--scenario", "fail@30")
    assert max(tick["canary_weight"] for tick in found["ticks"]) == 30
    unseen = planned(SEED, "--scenario", "fail@80")["plans"][0]
    assert unseen["scenarios"][0]["ending"] == "promoted"
    assert "no check ever sees weight 80" in unseen["warnings"][0]


def test_without_metrics_a_failing_release_is_promoted() -> None:
    plan = planned(replaced(), "--scenario", "fail@0", "--rps", "10")["plans"][0]
    assert plan["scenarios"][0]["ending"] == "promoted"
    assert plan["rolls_back"] is False


def test_flaky_checks_are_counted_and_seeded() -> None:
    found = [scenario(SEED, "--scenario", "flaky:0.4", "--seed", seed) for seed in ("1", "1", "2")]
    assert found[0] == found[1]
    assert found[0]["chance"]["promoted"] == pytest.approx(found[2]["chance"]["promoted"])
    assert found[0]["chance"]["promoted"] == pytest.approx(0.733, abs=0.001)


def test_older_releases_are_known() -> None:
    assert planned(SEED, "--flagger-version", "v1.41.0")["plans"][0]["flagger"] == "1.41.0"


ODD: st.SearchStrategy[Any] = st.sampled_from([2.5, 10**20, "10", None, True, [1], {}])
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
BROKEN: st.SearchStrategy[dict[str, Any]] = st.tuples(
    SPEC, st.sampled_from(["analysis", "service", "provider", "targetRef", "suspend"]), ODD
).map(lambda parts: {**parts[0], parts[1]: parts[2]})
BENT: st.SearchStrategy[dict[str, Any]] = st.tuples(
    SPEC, st.sampled_from(["maxWeight", "stepWeight", "threshold", "interval", "metrics", "webhooks"]), ODD
).map(lambda parts: {**parts[0], "analysis": {**parts[0]["analysis"], parts[1]: parts[2]}})


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(spec=st.one_of(SPEC, SPEC, SPEC, BROKEN, BENT), alone=st.booleans(), bootstrap=st.booleans())
def test_any_spec_ends_stalls_or_is_refused(spec: Mapping[str, Any], alone: bool, bootstrap: bool) -> None:
    """Never raises but for a ChartgenError; weights stay within 0 and 100; every course ends, stalls or is cut."""
    canary = {"apiVersion": "flagger.app/v1beta1", "kind": "Canary", "metadata": {"name": "app", "namespace": "prod"}, "spec": spec}  # fmt: skip
    scenarios = parse_scenarios(["success", "fail@10", "gate-closed", "slow-start:90s"])
    try:
        plan = plan_release(Stage(canary, (canary,), alone), PlanRequest(scenarios, bootstrap=bootstrap))
    except ChartgenError:
        return
    for one in plan.played:
        moments = one.course.ticks
        assert all(0 <= moment.canary <= 100 and 0 <= moment.primary <= 100 for moment in moments)
        assert all(0 <= moment.users <= 1 and 0 <= moment.heard <= 1 for moment in moments)
        assert len(moments) <= 1000
        assert [moment.second for moment in moments] == sorted(moment.second for moment in moments)
        assert one.figures.exposure >= 0


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(spec=SPEC, scrape=st.sampled_from([0.0, 15.0]), synthetic=st.sampled_from([0.0, 3.0]))
def test_any_spec_has_a_characteristic(spec: Mapping[str, Any], scrape: float, synthetic: float) -> None:
    """Probabilities stay probabilities, whatever is measured, whichever way they are found."""
    canary = {"apiVersion": "flagger.app/v1beta1", "kind": "Canary", "metadata": {"name": "app", "namespace": "prod"}, "spec": spec}  # fmt: skip
    traffic = Settings(rps=5.0, scrape_seconds=scrape, synthetic_rps=synthetic, runs=50)
    request = PlanRequest(
        parse_scenarios(["flaky:0.3"]), traffic, error_rates=(0.02, 1.0), slow_rates=(0.05,), detect=(Detect(0.5, 0.9),)
    )
    try:
        plan = plan_release(Stage(canary, (canary,), alone=True), request)
    except ChartgenError:
        return
    for found in plan.characteristics:
        for row in (found.healthy, *found.rows):
            assert 0 <= row.fate.rolled_back <= 1
            assert row.fate.rolled_back + row.fate.promoted <= 1 + 1e-9
            assert row.fate.bad_mean >= 0
            assert row.fate.bad_p95 >= 0
    assert all(0 <= one.probability <= 1 for one in plan.detected)
