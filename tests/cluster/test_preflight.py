"""Each check of `preflight`, on a recorded sound cluster with one fault at a time."""

from __future__ import annotations

import dataclasses
import json
import shlex
import subprocess
import sys
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from chartgen.cluster.access.prometheus import QueryError, first_value
from chartgen.cluster.access.rbac import subject_of
from chartgen.cluster.access.resources import PREFLIGHT, SECRETS
from chartgen.cluster.preflight.check import Status
from chartgen.cluster.preflight.configuration import cluster_settings, with_settings
from chartgen.cluster.preflight.installation import flags_of
from chartgen.cluster.preflight.run import context_of
from chartgen.inputs.yaml import yaml_document
from chartgen.reporters.preflight_formats import PREFLIGHT_FORMATS
from chartgen.resources import schema
from tests.cluster.hostile import HOSTILE, assert_harmless
from tests.cluster.recorded import CHART, DUMPS, NAMESPACE, Facts, Recorded
from tests.running import chartgen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

ISTIO, GATEWAY_API = "networking.istio.io/v1beta1", "gateway.networking.k8s.io/v1"
SYSTEM, MONITORING = "istio-system", "monitoring"


def test_a_sound_cluster_has_no_problem() -> None:
    cluster = Recorded()
    result = cluster.result()
    assert [check for check in result.checks if check.status is not Status.OK] == []
    assert result.rps == 84


def flagger(cluster: Recorded) -> dict[str, Any]:
    container: dict[str, Any] = cluster.get("Deployment", "flagger")["spec"]["template"]["spec"]["containers"][0]
    return container


def chart_object(cluster: Recorded, kind: str) -> dict[str, Any]:
    return next(each for each in cluster.chart if each["kind"] == kind)


def with_gateway_api(cluster: Recorded, **listener: Any) -> dict[str, Any]:
    spec = cluster.canary["spec"]
    spec["provider"] = "gatewayapi:v1"
    spec["service"] = {"port": 80, "hosts": ["web.example.com"], "gatewayRefs": [{"name": "way", "namespace": "ways"}]}
    spec["analysis"]["metrics"] = []
    status = {"addresses": [{"type": "IPAddress", "value": "192.0.2.7"}]}
    cluster.source.addresses["web.example.com"] = ("192.0.2.7",)
    listeners = [{"name": "http", "port": 80, "protocol": "HTTP", **listener}]
    return cluster.add(GATEWAY_API, "Gateway", "ways/way", spec={"listeners": listeners}, status=status)


def other_canary(cluster: Recorded, place: str, **changes: Any) -> None:
    spec = {**json.loads(json.dumps(cluster.canary["spec"])), **changes}
    cluster.add("flagger.app/v1beta1", "Canary", place, spec=spec)


def live_service(cluster: Recorded, owner: str = "", **metadata: Any) -> None:
    notes = {"meta.helm.sh/release-name": owner, "meta.helm.sh/release-namespace": NAMESPACE} if owner else {}
    metadata = {"annotations": notes, **metadata}
    cluster.add("v1", "Service", f"{NAMESPACE}/ready", metadata=metadata, spec={"ports": [{"port": 80}]})


def autoscaled(cluster: Recorded, kind: str, name: str = "ready") -> None:
    api_version = "autoscaling/v2" if kind == "HorizontalPodAutoscaler" else "keda.sh/v1alpha1"
    cluster.canary["spec"]["autoscalerRef"] = {"apiVersion": api_version, "kind": kind, "name": name}


def hpa(cluster: Recorded) -> dict[str, Any]:
    reference = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "ready"}
    spec = {"scaleTargetRef": reference, "maxReplicas": 3}
    return cluster.add("autoscaling/v2", "HorizontalPodAutoscaler", f"{NAMESPACE}/ready", spec=spec)


def budget(cluster: Recorded, value: str, **status: int) -> None:
    spec = {"minAvailable": 1, "selector": {"matchLabels": {"app.kubernetes.io/name": value}}}
    cluster.add("policy/v1", "PodDisruptionBudget", f"{NAMESPACE}/ready", spec=spec, status=status)


def crd_versions(cluster: Recorded, name: str) -> list[dict[str, Any]]:
    versions: list[dict[str, Any]] = cluster.get("CustomResourceDefinition", name)["spec"]["versions"]
    return versions


def hosts(cluster: Recorded, *names: str, **addresses: tuple[str, ...]) -> None:
    cluster.source.addresses.update({f"{label}.example.com": found for label, found in addresses.items()})
    cluster.canary["spec"]["service"]["hosts"] = list(names)


# Name, change, id of the check, status, part of the message, words of the command.
FAULTS: list[tuple[Callable[[Recorded], Any], str, str, str, str]] = [
    (
        lambda c: c.remove("CustomResourceDefinition", "metrictemplates.flagger.app"),
        "flagger-crd", "blocker", "isn't installed", "v1.44.0/artifacts/flagger/crd.yaml",
    ),
    (
        lambda c: crd_versions(c, "canaries.flagger.app")[0]["schema"]["openAPIV3Schema"]["properties"]["spec"][
            "properties"
        ]["service"]["properties"].pop("apex"),
        "canary-pruned", "blocker", "drops spec.service.apex", "crd.yaml",
    ),
    (
        lambda c: c.canary["spec"]["service"].update(port="http"),
        "canary-rejected", "blocker", "rejects spec.service.port", "chartgen lint CHART",
    ),
    (lambda c: c.remove("Deployment", "flagger"), "flagger-controller", "blocker", "nobody acts", "helm upgrade"),
    (
        lambda c: c.get("Deployment", "flagger")["spec"].update(replicas=0),
        "flagger-controller", "blocker", "scaled to 0", "scale deployment/flagger --replicas=1",
    ),
    (
        lambda c: c.get("Deployment", "flagger")["status"].update(availableReplicas=0),
        "flagger-controller", "blocker", "no available pod", "describe deployment/flagger",
    ),
    (
        lambda c: flagger(c)["command"].append("--namespace=team-b"),
        "flagger-namespace", "blocker", "doesn't see Canaries in jx-production", "patch deployment/flagger",
    ),
    (
        lambda c: flagger(c).update(args=["-selector-labels", "team"]),
        "flagger-selector-labels", "blocker", "none of Flagger's -selector-labels (team)", "team,app.kubernetes.io/name",
    ),
    (
        lambda c: flagger(c)["command"].append("-mesh-provider=istoi"),
        "flagger-provider", "warning", "no provider of Flagger's", "-mesh-provider=istio",
    ),
    (
        lambda c: flagger(c)["command"].append("-no-cross-namespace-refs"),
        "cross-namespace", "blocker", "can't refer", "",
    ),
    (
        lambda c: c.remove("CustomResourceDefinition", "virtualservices.networking.istio.io"),
        "provider-api", "blocker", "its CRD isn't installed", "istioctl install",
    ),
    (
        lambda c: [each.update(served=each["name"] == "v1") for each in crd_versions(c, "destinationrules.networking.istio.io")],
        "provider-api", "blocker", "the CRD serves v1", "istioctl install",
    ),
    (lambda c: c.remove("Namespace", NAMESPACE), "namespace", "blocker", "doesn't exist", "create namespace"),
    (
        lambda c: c.get("Namespace", NAMESPACE)["metadata"].pop("labels"),
        "injection", "blocker", "no label istio-injection=enabled", "istio-injection=enabled --overwrite",
    ),
    (
        lambda c: c.get("Namespace", NAMESPACE)["metadata"].update(labels={"istio.io/dataplane-mode": "ambient"}),
        "injection", "warning", "ambient mode", "istio-injection=enabled",
    ),
    (lambda c: c.chart.remove(chart_object(c, "Deployment")), "target", "blocker", "neither the chart", "get deployments"),
    (lambda c: autoscaled(c, "ScaledObject"), "autoscaler", "blocker", "KEDA's CRD isn't installed", "install keda"),
    (lambda c: autoscaled(c, "HorizontalPodAutoscaler", "gone"), "autoscaler", "blocker", "neither the chart", "get hor"),
    (hpa, "autoscaler", "warning", "autoscalerRef doesn't name it", "patch canary ready"),
    (lambda c: budget(c, "ready"), "disruption-budget", "warning", "ready-primary", "patch poddisruptionbudget"),
    (
        lambda c: budget(c, "ready-primary", disruptionsAllowed=0, expectedPods=1),
        "disruption-budget", "warning", "allows no disruption", "describe poddisruptionbudget",
    ),
    (lambda c: c.remove("Gateway", "jx-gateway"), "gateway", "blocker", "doesn't exist", "kubectl apply -f -"),
    (
        lambda c: c.get("Gateway", "jx-gateway")["spec"]["servers"][0].update(hosts=["other/*.example.com"]),
        "gateway-host", "blocker", "it serves other/*.example.com", "patch gateways.networking.istio.io jx-gateway",
    ),
    (
        lambda c: c.get("Service", "istio-ingressgateway").update(status={"loadBalancer": {}}),
        "gateway-address", "blocker", "has no address yet", "describe service istio-ingressgateway",
    ),
    (
        lambda c: c.get("Service", "istio-ingressgateway").update(
            status={}, spec={**c.get("Service", "istio-ingressgateway")["spec"], "type": "ClusterIP"}
        ),
        "gateway-address", "warning", "can't tell its address", "",
    ),
    (lambda c: hosts(c, "web.example.com"), "dns", "warning", "create a DNS record", "dig +short web.example.com"),
    (lambda c: hosts(c, "web.192-0-2-11.sslip.io"), "dns", "warning", "192.0.2.11, not to the Gateway's", "dig"),
    (
        lambda c: c.remove("MetricTemplate", "requests"),
        "metric-template", "blocker", "neither the chart", "get metrictemplates.flagger.app -A",
    ),
    (lambda c: c.remove("Secret", "slack-address"), "secret", "blocker", "sends no alert", "--from-literal=address=VALUE"),
    (lambda c: c.remove("AlertProvider", "on-call"), "alert-provider", "warning", "sends no alert", "get alertproviders"),
    (
        lambda c: c.remove("Service", "flagger-loadtester"),
        "webhook", "blocker", "webhook load-test (rollout) fails", "helm upgrade --install flagger-loadtester",
    ),
    (
        lambda c: c.get("Service", "flagger-loadtester")["spec"]["ports"][0].update(port=8080),
        "webhook", "blocker", "doesn't listen on port 80", "get service flagger-loadtester -o yaml",
    ),
    (
        lambda c: c.get("Service", "flagger-loadtester")["spec"].update(selector={"app": "nothing"}),
        "webhook", "blocker", "has no ready pod", "get pods",
    ),
    (lambda c: c.remove("Service", "prometheus"), "metrics-server", "blocker", "no such Service", "get services -A"),
    (
        lambda c: c.get("Service", "prometheus")["spec"].update(selector={"app": "nothing"}),
        "metrics-server", "blocker", "has no ready pod", "get pods",
    ),
    (lambda c: c.source.answers.update(duration_milliseconds=None), "metric", "warning", "no values now", "port-forward"),
    (lambda c: c.source.answers.update(duration=QueryError("bad_data: x")), "metric", "blocker", "rejects its query", ""),
    (lambda c: c.source.answers.update({"[5m]": None}), "traffic", "warning", "gets no requests", ""),
    (lambda c: other_canary(c, f"{NAMESPACE}/rival"), "other-canary", "blocker", "same target", "get canary rival"),
    (lambda c: other_canary(c, "team-b/rival"), "other-canary", "blocker", "same host", "--namespace team-b"),
    (
        lambda c: other_canary(
            c, f"{NAMESPACE}/rival", targetRef={"kind": "Deployment", "name": "b"}, service={"name": "ready", "port": 80}
        ),
        "other-canary", "blocker", "same Service", "get canary rival",
    ),
    (lambda c: live_service(c, "legacy"), "service-owner", "blocker", "belongs to Helm release jx-production/legacy", "annotate"),
    (
        lambda c: live_service(c, ownerReferences=[{"kind": "Canary", "name": "rival"}]),
        "service-owner", "blocker", "belongs to Canary rival", "get canary rival",
    ),
    (
        lambda c: setattr(c.source, "denied", frozenset({("create", "canaries")})),
        "rights", "blocker", "you may not create canaries", "--user=ann",
    ),
    (with_gateway_api, "gateway-host", "blocker", "its own namespace only", '"from": "All"'),
    (
        lambda c: with_gateway_api(c, allowedRoutes={"namespaces": {"from": "All"}}, hostname="*.example.org"),
        "gateway-host", "blocker", "serves *.example.org", "describe",
    ),
    (
        lambda c: with_gateway_api(c, allowedRoutes={"namespaces": {"from": "All"}}).pop("status"),
        "gateway-address", "warning", "no address yet", "describe",
    ),
]  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS, ids=[f"{number}-{fault[1]}" for number, fault in enumerate(FAULTS)])
def test_a_fault_is_found(fault: tuple[Callable[[Recorded], Any], str, str, str, str]) -> None:
    change, check, status, message, command = fault
    cluster = Recorded()
    change(cluster)
    found = [each for each in cluster.problems() if each.id == check]
    assert {each.status.value for each in found} == {status}, cluster.problems()
    assert message in found[0].message
    assert command in found[0].command


SOUND: list[Callable[[Recorded], Any]] = [
    lambda c: with_gateway_api(c, allowedRoutes={"namespaces": {"from": "All"}}),
    lambda c: live_service(c, "ready"),
    lambda c: live_service(c, ownerReferences=[{"kind": "Canary", "name": "ready"}]),
    lambda c: budget(c, "ready-primary", disruptionsAllowed=1, expectedPods=2),
    lambda c: autoscaled(c, hpa(c)["kind"]),
    lambda c: hosts(c, "*.example.com", chartgen=("192.0.2.10",)),
    lambda c: flagger(c)["command"].append("-namespace=jx-production"),
    lambda c: c.get("Namespace", NAMESPACE)["metadata"].update(labels={"istio.io/rev": "stable"}),
    lambda c: other_canary(c, "team-b/rival", service={"port": 80, "hosts": ["b.example.com"]}),
]


@pytest.mark.parametrize("change", SOUND, ids=range(len(SOUND)))
def test_what_is_right_is_not_reported(change: Callable[[Recorded], Any]) -> None:
    cluster = Recorded()
    change(cluster)
    assert cluster.problems() == []


def test_a_service_that_the_upgrade_would_delete_is_reported() -> None:
    cluster = Recorded()
    live_service(cluster, "ready")
    (found,) = [check for check in cluster.result(keeps_service=False).checks if check.id == "service-owner"]
    assert found.status is Status.WARNING
    assert "helm.sh/resource-policy=keep" in found.command


def test_a_chart_of_a_stranger_cannot_make_chartgen_ask_any_address() -> None:
    cluster = Recorded()
    template = cluster.get("MetricTemplate", "requests")
    cluster.remove("MetricTemplate", "requests")
    template["spec"]["provider"] = {"type": "prometheus", "address": "http://admin.kube-system:80/delete"}
    cluster.chart.append(template)
    (found,) = cluster.problems()
    assert (found.id, found.status) == ("metric", Status.SKIPPED)
    assert not any("admin" in asked for asked in cluster.source.asked)


def test_names_from_a_chart_cannot_break_out_of_a_command() -> None:
    cluster = Recorded()
    cluster.canary["spec"]["service"]["gateways"] = ["x; touch pwned #/$(touch pwned)"]
    found = next(check for check in cluster.problems() if check.id == "gateway")
    words = shlex.split(found.command)
    assert words[:2] == ["printf", "%s"]
    assert json.loads(words[2])["metadata"] == {"namespace": "x; touch pwned #", "name": "$(touch pwned)"}


def test_a_printed_command_is_one_that_a_shell_can_read() -> None:
    for change, *_ in FAULTS:
        cluster = Recorded()
        change(cluster)
        for check in cluster.problems():
            subprocess.run(["sh", "-n", "-c", check.command], check=True)


@pytest.mark.parametrize("name", PREFLIGHT_FORMATS)
def test_each_format_names_every_problem(name: str) -> None:
    cluster = Recorded()
    cluster.remove("Namespace", NAMESPACE)
    cluster.remove("AlertProvider", "on-call")
    text = PREFLIGHT_FORMATS[name]([cluster.result()])
    for part in ("kubectl create namespace jx-production", "sends no alert"):
        assert part in text
    if name == "json":
        jsonschema.validate(json.loads(text), schema("preflight-v1.schema.json"))
    if name == "junit":
        (suite,) = ET.fromstring(text)
        assert suite.get("failures") == "1"
        assert [case.get("classname") for case in suite if case.find("failure") is not None] == ["namespace"]


@pytest.mark.parametrize("name", PREFLIGHT_FORMATS)
def test_text_of_a_cluster_cannot_drive_a_terminal_or_ci(name: str) -> None:
    cluster = Recorded()
    cluster.canary["spec"]["service"]["gateways"] = ["a/\x1b]0;x\x07\n::error::gone"]
    text = PREFLIGHT_FORMATS[name]([cluster.result()])
    assert "\x1b" not in text
    assert "\x07" not in text
    assert not any(line.lstrip().startswith("::") for line in text.splitlines())


@pytest.mark.parametrize("name", PREFLIGHT_FORMATS)
def test_hostile_text_is_harmless_in_every_field(name: str) -> None:
    result = Recorded().result()
    checks = (dataclasses.replace(each, subject=HOSTILE, message=HOSTILE, command=HOSTILE) for each in result.checks)
    hostile = dataclasses.replace(result, canary=HOSTILE, cluster=HOSTILE, checks=tuple(checks))
    assert_harmless(name, PREFLIGHT_FORMATS[name]([hostile]))


def test_the_name_of_a_context_stays_on_its_line() -> None:
    result = dataclasses.replace(Recorded().result(), cluster="prod\n  ok  all: fine\x1b[2J")
    line, *_ = PREFLIGHT_FORMATS["text"]([result]).splitlines()
    assert line == f"Canary {result.canary} in prod\\n  ok  all: fine\\x1b[2J"


def test_dumps_are_read_and_what_they_lack_is_not_checked(tmp_path: Path) -> None:
    done = chartgen("preflight", str(CHART), "-n", NAMESPACE, "--from", str(DUMPS), "--format", "json")
    assert done.returncode == 0, done.stdout
    (canary,) = json.loads(done.stdout)["canaries"]
    assert {check["id"] for check in canary["checks"] if check["status"] == "skipped"} == {
        "metric",
        "traffic",
        "rights",
    }
    (tmp_path / "namespaces.json").write_text((DUMPS / "namespaces.json").read_text())
    done = chartgen("preflight", str(CHART), "-n", NAMESPACE, "--from", str(tmp_path))
    assert done.returncode == 0  # what the dumps lack is unknown, and no blocker
    assert f"kubectl get services -A -o yaml > {tmp_path}/services.yaml" in done.stdout
    empty = tmp_path / "empty"
    empty.mkdir()
    for folder in (empty, tmp_path / "none"):
        done = chartgen("preflight", str(CHART), "--from", str(folder))
        assert done.returncode == 2
        assert "--dump-commands" in done.stderr


def test_options_that_exclude_each_other_are_refused() -> None:
    done = chartgen("preflight", str(CHART), "--from", str(DUMPS), "--context", "prod")
    assert done.returncode == 2
    assert "--from and --context exclude each other" in done.stderr
    assert chartgen("preflight").returncode == 2


def test_no_kubeconfig_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KUBECONFIG", raising=False)
    done = chartgen("preflight", str(CHART), "--kubeconfig", str(tmp_path / "none"))
    assert done.returncode == 2
    assert done.stderr.startswith("error: no cluster to ask: ")
    assert len(done.stderr.splitlines()) == 2


def test_a_missing_client_is_one_line_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "kubernetes", None)
    done = chartgen("preflight", str(CHART))
    assert done.returncode == 2
    assert "help: install it: pip install 'chartgen[cluster]'" in done.stderr
    assert len(done.stderr.splitlines()) == 2


def test_the_rights_name_every_kind_and_no_secret_but_those_of_the_chart(tmp_path: Path) -> None:
    done = chartgen("preflight", "--rbac")
    items = json.loads(done.stdout)["items"]
    rules = items[0]["rules"]
    listed = {(group, plural) for rule in rules for group in rule["apiGroups"] for plural in rule["resources"]}
    assert {(each.group, each.plural) for each in PREFLIGHT if each is not SECRETS} <= listed
    assert ("", "secrets") not in listed
    assert {verb for rule in rules for verb in rule["verbs"]} == {"get", "list", "watch"}
    manifests = tmp_path / "canary.yaml"
    provider = {
        "apiVersion": "flagger.app/v1beta1",
        "kind": "AlertProvider",
        "metadata": {"name": "a", "namespace": "b"},
    }
    provider["spec"] = {"type": "slack", "secretRef": {"name": "token"}}
    manifests.write_text(f"{CHART.read_text()}\n---\n{json.dumps(provider)}\n")
    done = chartgen("preflight", str(manifests), "--rbac", "--subject", "@sre")
    role, binding = json.loads(done.stdout)["items"][2:]
    assert role["rules"] == [
        {"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"], "resourceNames": ["token"]}
    ]
    assert binding["subjects"] == [subject_of("@sre")]


def test_the_settings_of_the_cluster_are_those_of_lint() -> None:
    cluster = Recorded()
    flagger(cluster)["command"] += ["-selector-labels=app,team", "-no-cross-namespace-refs=true"]
    cluster.source.objects = tuple(cluster.objects)
    settings = cluster_settings(context_of(cluster.canary, (), cluster.source))
    assert settings == {
        "flagger-version": "1.44.0",
        "provider": "istio",
        "selector-labels": ["app", "team"],
        "metric-templates": ["monitoring/requests"],
        "alert-providers": ["flagger-system/on-call"],
        "gateways": ["istio-system/jx-gateway"],
        "injected-namespaces": [NAMESPACE],
        "no-cross-namespace-refs": True,
    }


CONFIGS = ["", "# ours\n", "fail-on: error\n", "cluster: {}\n", "cluster:\n", "cluster:\n  provider: kuma # old\n  # last\n",
           "cluster:\n  gateways:\n  - a/b # gone\n  - c/d\nselect: [x]\n", "cluster: {provider: kuma}\n"]  # fmt: skip


@pytest.mark.parametrize("text", CONFIGS)
def test_the_configuration_file_keeps_everything_else(text: str) -> None:
    settings = {"provider": "istio", "gateways": ["istio-system/public"]}
    written = with_settings(text.encode(), settings, "chartgen.yaml")
    before, after = yaml_document(text) or {}, yaml_document(written.decode())
    assert after == {**before, "cluster": {**(before.get("cluster") or {}), **settings}}
    assert with_settings(written, settings, "chartgen.yaml") == written
    for line in text.splitlines():
        if line.startswith("#") or "fail-on" in line or "select" in line:
            assert line in written.decode().splitlines()


def test_flags_are_read_as_go_reads_them() -> None:
    words = ["-a=1", "--b", "2", "-no-cross-namespace-refs", "-c=x=y", "stop", "-d=1"]
    assert flags_of(words) == {"a": "1", "b": "2", "no-cross-namespace-refs": "true", "c": "x=y"}


@pytest.mark.parametrize(
    ("data", "value"),
    [
        ({"resultType": "vector", "result": []}, None),
        ({"resultType": "vector", "result": [{"value": [0, "NaN"]}]}, None),
        ({"resultType": "vector", "result": [{"value": [0, "1.5"]}]}, 1.5),
        ({"resultType": "scalar", "result": [0, "7"]}, 7.0),
        ("", None),
    ],
)
def test_the_first_value_of_an_answer(data: Any, value: float | None) -> None:
    assert first_value(data) == value


# Where one value of a dump, or of what a chart renders, is of a wrong type.
MISSHAPEN = (
    ("Service", ("metadata",)),
    ("Secret", ("metadata", "namespace")),
    ("MetricTemplate", ("spec", "provider", "address")),
    ("Pod", ("status", "conditions")),
    ("Pod", ("status", "conditions", 0)),
    ("Deployment", ("spec", "replicas")),
    ("Deployment", ("spec", "template", "spec", "containers", 0)),
    ("Deployment", ("status", "availableReplicas")),
    ("CustomResourceDefinition", ("spec", "versions")),
    ("CustomResourceDefinition", ("spec", "versions", 0)),
    ("CustomResourceDefinition", ("spec", "versions", 0, "name")),
    ("CustomResourceDefinition", ("spec", "versions", 0, "schema", "openAPIV3Schema")),
    ("Canary", ("spec",)),
    ("Canary", ("spec", "service")),
    ("Canary", ("spec", "analysis")),
    ("Canary", ("spec", "analysis", "metrics")),
    ("Canary", ("spec", "analysis", "metrics", 0)),
    ("Canary", ("spec", "analysis", "webhooks", 0, "url")),
    ("Canary", ("spec", "service", "hosts")),
    ("Canary", ("spec", "service", "gateways")),
)


@pytest.mark.parametrize("value", [None, "http://[", 5, [None], {"x": None}, "http://a.b:99999999"], ids=repr)
@pytest.mark.parametrize(("kind", "route"), MISSHAPEN, ids=str)
def test_values_of_a_wrong_type_crash_nothing(kind: str, route: tuple[str | int, ...], value: Any) -> None:
    cluster = Recorded()
    for body in [*cluster.objects, *cluster.chart]:
        if body["kind"] == kind:
            replace(body, route, value)
    result = cluster.result()
    assert {check.id for check in result.checks} >= {"flagger-crd", "namespace"}
    for write in PREFLIGHT_FORMATS.values():
        assert write([result])
    cluster_settings(context_of(cluster.canary, tuple(cluster.chart), cluster.source))


def replace(body: dict[str, Any], route: tuple[str | int, ...], value: Any) -> None:
    """Set one value, where there is such a place."""
    node: Any = body
    for step in route[:-1]:
        node = {} if isinstance(node, dict) and step not in node else node[step]
    if node:
        node[route[-1]] = value


@pytest.mark.parametrize("answer", ["NaN", "+Inf", "-Inf", "1e999", "text", ""])
def test_values_that_are_no_finite_numbers(answer: str) -> None:
    cluster = Recorded()
    cluster.source.answers = {"": answer}
    result = cluster.result()
    assert result.rps is None
    json.loads(PREFLIGHT_FORMATS["json"]([result]), parse_constant=pytest.fail)


@pytest.mark.parametrize(
    "data",
    [
        None,
        "text",
        [],
        {"resultType": "matrix", "result": [{"metric": {}, "values": [[0, "1"]]}]},
        {"resultType": "string", "result": [0, "text"]},
        {"resultType": "scalar", "result": None},
        {"resultType": "vector", "result": [{"value": None}]},
        {"resultType": "vector", "result": {"value": [0, "1"]}},
    ],
)
def test_answers_without_a_value(data: Any) -> None:
    assert first_value(data) is None


def test_without_deployments_flagger_is_unknown_not_missing() -> None:
    cluster = Recorded()
    cluster.objects = [body for body in cluster.objects if body["kind"] != "Deployment"]
    cluster.source.covered -= {"deployments.apps"}
    (check,) = [check for check in cluster.result().checks if check.id == "flagger-controller"]
    assert (check.status, check.message) == (Status.SKIPPED, "dumps has no deployments")


def test_an_empty_dump_is_of_a_kind_that_may_not_be_listed(tmp_path: Path) -> None:
    for path in DUMPS.iterdir():
        (tmp_path / path.name).write_bytes(
            b"" if path.stem in {"namespaces", "deployments.apps"} else path.read_bytes()
        )
    done = chartgen("preflight", str(CHART), "--from", str(tmp_path), "--format", "json")
    status = {check["id"]: check["status"] for check in json.loads(done.stdout)["canaries"][0]["checks"]}
    assert (status["namespace"], status["flagger-controller"]) == ("skipped", "skipped")


@pytest.mark.parametrize("text", ["", "@", "ci:", ":chartgen", "system:serviceaccount:ci:"])
def test_a_subject_without_a_name_is_an_error(text: str) -> None:
    done = chartgen("preflight", "--rbac", "--subject", text)
    assert (done.returncode, done.stdout) == (2, "")
    assert "has no name" in done.stderr


@pytest.mark.parametrize(
    ("option", "other"),
    [
        ("--rbac", "--format=json"),
        ("--rbac", "--write-config=chartgen.yaml"),
        ("--rbac", "--from=dumps"),
        ("--dump-commands", "--format=json"),
        ("--dump-commands", "--write-config=chartgen.yaml"),
        ("--dump-commands", "--rbac"),
    ],
)
def test_what_checks_nothing_rejects_the_options_of_checks(
    option: str, other: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = chartgen("preflight", option, other)
    name = other.partition("=")[0]
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines() == [
        f"error: {option} can't be combined with {name}: it checks nothing",
        f"help: leave out {name}",
    ]
    assert not list(tmp_path.iterdir())


def test_rights_and_dump_commands_are_written_to_a_file(tmp_path: Path) -> None:
    for option, words in (("--rbac", '"kind": "ClusterRole"'), ("--dump-commands", "kubectl get")):
        done = chartgen("preflight", option, "--output", str(tmp_path / "out"))
        assert (done.returncode, done.stdout) == (0, "")
        assert words in (tmp_path / "out").read_text()


def test_users_of_kubernetes_are_subjects() -> None:
    own = subject_of("system:serviceaccount:ci:chartgen")
    assert own == subject_of("ci:chartgen") == {"kind": "ServiceAccount", "name": "chartgen", "namespace": "ci"}
    assert subject_of("system:anonymous")["kind"] == "User"


class Configured(Facts):
    """A Prometheus whose configuration has many lines, and no scrape interval."""

    def prometheus(self, url: str, path: str, query: Mapping[str, str]) -> Any:  # noqa: ARG002
        lines = "".join(f"{' ' * 40}key{number}: x\n" for number in range(200))
        return {"yaml": f"global:\n{lines}"} if path.endswith("/config") else None


def test_a_long_configuration_of_prometheus_is_read_at_once() -> None:
    # An expression that can match a line in several ways would make the search exponential.
    cluster = Recorded()
    cluster.source = Configured("dumps", tuple(cluster.objects), cluster.source.covered)
    settings = cluster_settings(context_of(cluster.canary, tuple(cluster.chart), cluster.source))
    assert "flagger-version" in settings
    assert "scrape-interval" not in settings
