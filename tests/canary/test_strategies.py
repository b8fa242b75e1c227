"""Strategies, presets, tests, alerts and metrics that add-canary writes, in a first run and in another one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.canary.small_charts import added, canary_of, refused, small_chart
from tests.running import chartgen

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

COOKIE = r"^(.*?;\s*)?(canary=always)(;.*)?$"
WEIGHTS = ("maxWeight", "stepWeight", "stepWeights", "iterations", "match", "mirror", "mirrorWeight", "sessionAffinity")
STRATEGIES: list[tuple[str, list[str], dict[str, Any]]] = [
    ("istio", ["--preset", "cautious"], {"stepWeights": [1, 2, 5, 10, 20, 35, 50]}),
    ("istio", ["--preset", "fast", "--step-weight", "30"], {"maxWeight": 50, "stepWeight": 30}),
    ("istio", ["--iterations", "7"], {"iterations": 7}),
    ("istio", ["--strategy", "blue-green"], {"iterations": 10}),
    (
        "istio",
        ["--match-header", "X-Tester=yes"],
        {"iterations": 10, "match": [{"headers": {"x-tester": {"exact": "yes"}}}]},
    ),
    (
        "istio",
        ["--strategy", "ab", "--iterations", "3", "--match-cookie", "canary=always"],
        {"iterations": 3, "match": [{"headers": {"cookie": {"regex": COOKIE}}}]},
    ),
    (
        "contour",
        ["--match-cookie", "canary=always"],
        {"iterations": 10, "match": [{"headers": {"cookie": {"suffix": "canary=always"}}}]},
    ),
    ("istio", ["--strategy", "mirror"], {"maxWeight": 50, "stepWeight": 10, "mirror": True, "mirrorWeight": 100}),
    (
        "istio",
        ["--session-affinity", "canary=600"],
        {"maxWeight": 50, "stepWeight": 10, "sessionAffinity": {"cookieName": "canary", "maxAge": 600}},
    ),
    ("kubernetes", [], {"iterations": 10}),
]
IDS = [" ".join([provider, *options]) for provider, options, _ in STRATEGIES]


def strategy_of(folder: Path) -> dict[str, Any]:
    analysis = canary_of(folder)["spec"]["analysis"]
    return {key: analysis[key] for key in WEIGHTS if key in analysis}


@pytest.mark.parametrize(("provider", "options", "expected"), STRATEGIES, ids=IDS)
def test_a_strategy(provider: str, options: list[str], expected: dict[str, Any], tmp_path: Path) -> None:
    folder = small_chart(tmp_path)
    added(folder, "--provider", provider, *options)
    assert strategy_of(folder) == expected
    assert "0 errors" in chartgen("lint", str(folder)).stderr


@pytest.mark.parametrize(("provider", "options", "expected"), STRATEGIES, ids=IDS)
def test_a_strategy_of_another_run(provider: str, options: list[str], expected: dict[str, Any], tmp_path: Path) -> None:
    folder = small_chart(tmp_path)
    added(folder, "--provider", provider)
    if options:
        added(folder, *options)
    assert strategy_of(folder) == expected


IMPOSSIBLE = [
    (["--strategy", "ab"], "Add --match-header or --match-cookie"),
    (["--provider", "linkerd", "--match-header", "a=b"], "all users would get the new version at once"),
    (["--provider", "linkerd", "--strategy", "mirror"], "provider linkerd can't mirror requests"),
    (
        ["--provider", "kubernetes", "--step-weight", "5"],
        "--provider kubernetes doesn't shift weights, it runs iterations",
    ),
    (["--provider", "kubernetes", "--strategy", "canary"], "provider kubernetes doesn't shift weights"),
    (["--iterations", "3", "--strategy", "canary"], "--iterations can't be combined with the strategy canary"),
    (["--session-affinity", "a", "--provider", "linkerd"], "--session-affinity has no effect with provider linkerd"),
    (["--match-cookie", "canary"], "--match-cookie 'canary': write NAME=VALUE"),
    (["--preset", "bold"], "use one of cautious, fast, standard"),
    (["--load-test", "--provider", "contour"], "Add --load-test-url http://HOST/"),
    (["--strategy", "blue-green", "--provider", "contour"], "Add --load-test --load-test-url http://HOST/ with a host"),
    (["--strategy", "blue-green", "--provider", "nginx"], "counts requests on Flagger's copy of the chart's Ingress"),
    (["--load-test-url", "http://a.b/"], "--load-test-url has no effect without --load-test"),
    (["--webhook", "evnt=http://a.b/"], "with one of the types confirm-rollout"),
    (["--webhook", "event=ftp://a.b/"], "is not a URL"),
    (["--alert", "pager:x"], "with one of the types slack"),
    (["--metric-template", "errors=up"], "Add --metric-range errors=MIN..MAX"),
    (
        ["--metric-template", "errors=up", "--metric-range", "errors=5"],
        "--metric-range 'errors=5': write NAME=MIN..MAX",
    ),
    (["--api-version", "v1alpha2", "--load-test"], "needs --api-version v1beta1"),
]


@pytest.mark.parametrize(("options", "message"), IMPOSSIBLE, ids=[" ".join(options) for options, _ in IMPOSSIBLE])
def test_what_is_impossible_is_refused(options: list[str], message: str, tmp_path: Path) -> None:
    assert message in refused(small_chart(tmp_path), *options)


def test_tests_and_gates_name_the_canary(tmp_path: Path) -> None:
    folder = small_chart(tmp_path)
    added(folder, "--namespace", "fair", "--load-test", "--acceptance-test", "curl -sf http://{{ .Canary.Address }}/ok")
    added(folder, "--confirm-promotion", "--webhook", "event=http://hooks.example.com/a")
    hooks = {hook["name"]: hook for hook in canary_of(folder)["spec"]["analysis"]["webhooks"]}
    assert list(hooks) == ["acceptance-test", "load-test", "confirm-promotion", "event"]
    assert hooks["acceptance-test"]["metadata"]["cmd"] == "curl -sf http://shop-canary.fair:80/ok"
    assert hooks["load-test"]["metadata"]["cmd"] == "hey -z 60s -q 10 -c 2 http://shop-canary.fair:80/"
    assert hooks["confirm-promotion"]["url"] == "http://flagger-loadtester.test/gate/check"
    added(folder, "--load-test", "--load-test-url", "http://shop.example.com/", "--interval", "30s")
    hooks = {hook["name"]: hook for hook in canary_of(folder)["spec"]["analysis"]["webhooks"]}
    assert hooks["load-test"]["metadata"]["cmd"] == "hey -z 30s -q 10 -c 2 http://shop.example.com/"
    done = chartgen("lint", str(folder))
    assert "0 errors, 0 warnings" in done.stderr, done.stdout


def test_alerts_and_metrics_have_their_objects(tmp_path: Path) -> None:
    folder = small_chart(tmp_path)
    query = 'sum(rate(errors_total{namespace="{{ namespace }}",pod=~"{{ target }}-.*"}[{{ interval }}]))'
    metric = ["--metric-template", f"errors={query}", "--metric-range", "errors=..1.5"]
    said = added(folder, "--namespace", "fair", "--alert", "slack:releases", *metric)
    assert "kubectl create secret generic slack-url --namespace fair --from-literal=address=URL" in said
    objects = {each["kind"]: each for each in canary_of(folder, only=False)}
    assert objects["AlertProvider"]["metadata"]["name"] == "shop-slack"
    assert objects["AlertProvider"]["spec"] == {
        "type": "slack",
        "channel": "releases",
        "secretRef": {"name": "slack-url"},
    }
    assert objects["MetricTemplate"]["spec"]["query"] == query
    analysis = objects["Canary"]["spec"]["analysis"]
    assert analysis["alerts"][0]["providerRef"] == {"name": "shop-slack"}
    assert analysis["metrics"][-1]["templateRef"] == {"name": "shop-errors"}
    assert analysis["metrics"][-1]["thresholdRange"] == {"max": 1.5}
    assert "0 errors" in chartgen("lint", str(folder)).stderr


@pytest.mark.parametrize(
    "provider", [["kubernetes"], ["gatewayapi", "--gateway", "web/public"]], ids=lambda each: each[0]
)
def test_a_request_is_the_check_where_builtin_metrics_query_the_application(
    provider: list[str], tmp_path: Path
) -> None:
    folder = small_chart(tmp_path)
    said = added(folder, "--namespace", "fair", "--provider", *provider)
    assert "query the application's own http_request_duration_seconds" in said
    analysis = canary_of(folder)["spec"]["analysis"]
    (hook,) = analysis["webhooks"]
    assert analysis["metrics"] == []
    assert (hook["type"], hook["metadata"]["type"]) == ("rollout", "bash")
    assert hook["metadata"]["cmd"].endswith("http://shop-canary.fair:80/ | grep -q '^[234]'")
    assert "0 errors, 0 warnings" in chartgen("lint", str(folder)).stderr


def test_metrics_of_the_team_replace_the_request(tmp_path: Path) -> None:
    folder = small_chart(tmp_path)
    metric = ["--metric-template", "errors=sum(errors)", "--metric-range", "errors=..1"]
    added(folder, "--provider", "gatewayapi", "--gateway", "web/public", *metric)
    objects = {each["kind"]: each for each in canary_of(folder, only=False)}
    analysis = objects["Canary"]["spec"]["analysis"]
    assert ([metric["name"] for metric in analysis["metrics"]], "webhooks" in analysis) == (["errors"], False)


def test_an_application_with_the_builtin_metrics(tmp_path: Path) -> None:
    folder = small_chart(tmp_path)
    added(folder, "--provider", "kubernetes", "--accept", "builtin-metrics-on-l4-provider")
    analysis = canary_of(folder)["spec"]["analysis"]
    assert [metric["name"] for metric in analysis["metrics"]] == ["request-success-rate", "request-duration"]
    assert [hook["name"] for hook in analysis["webhooks"]] == ["load-test"]
