"""What the options of add-canary change in the rendered chart."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.canary.small_charts import SERVICE, small_chart
from tests.canary.test_whole_charts import files_of
from tests.running import chartgen

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

pytestmark = pytest.mark.slow


def added(folder: Path, *options: str) -> Path:
    done = chartgen("add-canary", str(folder), *options)
    assert done.returncode == 0, done.stderr
    return folder


def canary(folder: Path, *options: str) -> dict[str, Any]:
    done = chartgen("emit", str(folder), "--format", "json", *options)
    assert done.returncode == 0, done.stderr
    read: dict[str, Any] = json.loads(done.stdout)
    return read


def test_the_seed_pages_manifest(chart: Callable[[str], Path]) -> None:
    folder = added(chart("jenkins-x"), "--api-version", "v1alpha2", "--host", "myapp.example.com")
    assert canary(folder, "--release-name", "jx-production") == {
        "apiVersion": "flagger.app/v1alpha2",
        "kind": "Canary",
        "metadata": {"name": "jx-production-myapp", "namespace": "jx-production"},
        "spec": {
            "targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "jx-production-myapp"},
            "progressDeadlineSeconds": 60,
            "service": {
                "port": 8080,
                "gateways": ["jx-gateway.istio-system.svc.cluster.local"],
                "hosts": ["myapp.example.com"],
            },
            "canaryAnalysis": {
                "interval": "60s",
                "threshold": 5,
                "maxWeight": 50,
                "stepWeight": 10,
                "metrics": [
                    {"name": "request-success-rate", "threshold": 99, "interval": "60s"},
                    {"name": "request-duration", "threshold": 500, "interval": "60s"},
                ],
            },
        },
    }


def test_v1alpha3_has_flagger_0s_shape(chart: Callable[[str], Path]) -> None:
    spec = canary(added(chart("jenkins-x"), "--api-version", "v1alpha3"))["spec"]
    assert "analysis" not in spec
    assert spec["canaryAnalysis"]["metrics"][0] == {"name": "request-success-rate", "threshold": 99, "interval": "60s"}


def test_hosts_add_the_default_gateway_and_the_mesh(chart: Callable[[str], Path]) -> None:
    service = canary(added(chart("helm-create"), "--host", "a.example.com", "--host", "*.example.com"))["spec"][
        "service"
    ]
    assert service["hosts"] == ["a.example.com", "*.example.com"]
    assert service["gateways"] == ["jx-gateway.istio-system.svc.cluster.local", "mesh"]


def test_without_hosts_neither_hosts_nor_gateways_are_rendered(chart: Callable[[str], Path]) -> None:
    service = canary(added(chart("helm-create")))["spec"]["service"]
    assert {"hosts", "gateways"}.isdisjoint(service)
    assert (service["port"], service["targetPort"], service["portName"]) == (80, "http", "http")


@pytest.mark.parametrize("over", ["stepWeights={1,5,50}", "iterations=7"])
def test_another_strategy_set_over_the_defaults_drops_the_step_weight(over: str, chart: Callable[[str], Path]) -> None:
    folder = added(chart("helm-create"))
    analysis = canary(folder, "--set", f"canary.canaryAnalysis.{over}")["spec"]["analysis"]
    assert {"stepWeight", "maxWeight"}.isdisjoint(analysis)
    assert over.split("=", maxsplit=1)[0] in analysis


def test_any_field_of_flagger_is_passed_on_and_none_is_rendered_twice(chart: Callable[[str], Path]) -> None:
    folder = added(chart("helm-create"))
    values = "canary.service.port=8443,canary.service.timeout=5s,canary.service.apex.labels.team=web"
    done = chartgen("emit", str(folder), "--set", values, "--set", "canary.canaryAnalysis.mirror=true")
    assert done.stdout.count(" port:") == 1
    assert done.stdout.count("apex:") == 1
    spec = canary(folder, "--set", values, "--set", "canary.canaryAnalysis.mirror=true")["spec"]
    assert (spec["service"]["port"], spec["service"]["timeout"], spec["analysis"]["mirror"]) == (8443, "5s", True)
    assert spec["service"]["apex"] == {"labels": {"team": "web"}}


APEX = {
    "": None,
    "labels.team=web": {"labels": {"team": "web"}},
    "annotations.by=hand": {"annotations": {"by": "hand"}},
    "labels.chart=shop-1,annotations.by=hand": {"annotations": {"by": "hand"}},
}


@pytest.mark.parametrize("values", APEX)
def test_the_apex_has_no_map_that_is_empty_in_the_release(values: str, tmp_path: Path) -> None:
    named = "  name: shop\n"
    meta = "".join(f"  {key}: {{{{ .Values.{key} | toJson }}}}\n" for key in ("labels", "annotations"))
    own = {
        "templates/service.yaml": SERVICE.replace(named, named + meta),
        "values.yaml": "labels: {}\nannotations: {a: b}\n",
    }
    folder = added(small_chart(tmp_path, own))
    found = canary(folder, "--set", values or "labels=null", "--set", "annotations.a=null")
    assert found["spec"]["service"].get("apex") == APEX[values]


def test_values_that_still_use_threshold_keep_working(chart: Callable[[str], Path]) -> None:
    folder = added(chart("helm-create"))
    metrics = '[{"name": "request-success-rate", "threshold": 98, "interval": "60s"}]'
    analysis = canary(folder, "--set-json", f"canary.canaryAnalysis.metrics={metrics}")["spec"]["analysis"]
    assert analysis["metrics"] == json.loads(metrics)
    assert chartgen("lint", str(folder), "--set-json", f"canary.canaryAnalysis.metrics={metrics}").returncode == 0


def test_names_and_ports_follow_the_chart(chart: Callable[[str], Path]) -> None:
    folder = added(chart("jenkins-x"))
    spec = canary(
        folder, "--release-name", "blue", "--set", "nameOverride=shop,service.name=front,service.externalPort=8000"
    )["spec"]
    assert spec["targetRef"]["name"] == "blue-shop"
    assert (spec["service"]["name"], spec["service"]["port"]) == ("front", 8000)


def test_the_autoscaler_is_named_while_the_chart_renders_it(chart: Callable[[str], Path]) -> None:
    folder = added(chart("helm-create"))
    assert "autoscalerRef" not in canary(folder)["spec"]
    spec = canary(folder, "--set", "autoscaling.enabled=true")["spec"]
    assert spec["autoscalerRef"]["kind"] == "HorizontalPodAutoscaler"


def test_a_scaled_object_is_named(chart: Callable[[str], Path]) -> None:
    reference = canary(added(chart("keda")))["spec"]["autoscalerRef"]
    assert reference == {"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "name": "release-name-api"}


def test_ports_inside_a_range_are_read_from_the_service(chart: Callable[[str], Path]) -> None:
    service = canary(added(chart("extra-ports")))["spec"]["service"]
    assert (service["port"], service["targetPort"], service["portDiscovery"]) == (80, "http", True)


def test_several_namespaces_and_the_other_toggle(chart: Callable[[str], Path]) -> None:
    folder = added(chart("helm-create"), "--namespace", "blue", "--namespace", "green", "--toggle", "enabled")
    assert canary(folder)["metadata"]["namespace"] == "blue"
    assert canary(folder, "--namespace", "green")["metadata"]["namespace"] == "green"
    closed = chartgen("emit", str(folder), "--namespace", "red")
    assert closed.returncode == 2
    assert "has .Release.Namespace" in closed.stderr
    assert chartgen("emit", str(folder), "--set", "canary.enabled=false").returncode == 2


def test_any_namespace(chart: Callable[[str], Path]) -> None:
    folder = added(chart("helm-create"), "--any-namespace")
    off = chartgen("emit", str(folder), "--namespace", "anywhere")
    assert (off.returncode, "--set canary.enable=true" in off.stderr) == (2, True)
    on = ("--namespace", "anywhere", "--set", "canary.enable=true")
    assert canary(folder, *on)["metadata"]["namespace"] == "anywhere"


def test_kept_service_and_replicas_leave_the_templates_alone(chart: Callable[[str], Path]) -> None:
    folder = chart("helm-create")
    before = files_of(folder)
    done = chartgen("add-canary", str(folder), "--keep-service", "--keep-replicas")
    assert done.returncode == 0
    assert "WARNING: with --keep-service, every upgrade" in done.stderr
    assert "pruned" not in done.stderr
    assert "--keep-replicas" in done.stderr
    changed = {path for path, data in files_of(folder).items() if before.get(path) != data}
    assert changed == {"values.yaml", "templates/canary.yaml", "templates/_canary.tpl"}


def test_what_an_earlier_run_added_can_be_taken_back(chart: Callable[[str], Path]) -> None:
    folder = chart("helm-create")
    before = files_of(folder)
    added(folder)
    added(folder, "--keep-service", "--keep-replicas")
    kept = files_of(folder)
    added(folder, "--interval", "60s")
    assert files_of(folder) == kept
    added(folder, "--no-keep-service")
    assert "canary.chart-service" in (folder / "templates/service.yaml").read_text()
    added(folder, "--keep-service")
    after = files_of(folder)
    assert after["templates/service.yaml"] == before["templates/service.yaml"]
    assert after["templates/deployment.yaml"] == before["templates/deployment.yaml"]


@pytest.mark.parametrize("name", ["helm-create", "crlf", "empty-values"])
def test_the_diff_is_what_a_run_writes(name: str, chart: Callable[[str], Path]) -> None:
    folder = chart(name)
    before = files_of(folder)
    shown = chartgen("add-canary", str(folder), "--diff")
    assert shown.returncode == 0
    assert files_of(folder) == before
    subprocess.run(["git", "apply", "-p1", "-"], cwd=folder, input=shown.stdout.encode(), check=True)
    by_git = files_of(folder)
    for path in by_git:
        if path in before:
            (folder / path).write_bytes(before[path])
        else:
            (folder / path).unlink()
    added(folder)
    assert files_of(folder) == by_git


def test_check_says_whether_something_would_change(chart: Callable[[str], Path]) -> None:
    folder = chart("helm-create")
    before = files_of(folder)
    assert chartgen("add-canary", str(folder), "--check").returncode == 1
    assert files_of(folder) == before
    added(folder)
    assert chartgen("add-canary", str(folder), "--check").returncode == 0


def test_json_reports_the_same(chart: Callable[[str], Path]) -> None:
    folder = chart("helm-create")
    report = json.loads(chartgen("add-canary", str(folder), "--format", "json").stdout)
    assert report["written"] is True
    assert {"path": "templates/canary.yaml", "action": "create"} in report["changes"]
    assert report["target"] == {"kind": "Deployment", "name": "release-name-shop"}
    again = json.loads(chartgen("add-canary", str(folder), "--format", "json").stdout)
    assert (again["written"], again["changes"]) == (False, [])


def test_a_strict_schema_accepts_the_block(chart: Callable[[str], Path]) -> None:
    folder = added(chart("strict-schema"))
    schema = json.loads((folder / "values.schema.json").read_text())
    assert schema["properties"]["canary"]["properties"]["enable"] == {"type": "boolean"}
    assert schema["additionalProperties"] is False


def test_warnings_result_and_next_steps(chart: Callable[[str], Path]) -> None:
    folder = chart("loadbalancer")
    done = chartgen("add-canary", str(folder))
    warnings, result, on, off, lint = done.stderr.split("\n\n")
    assert lint.startswith("chartgen lint reports about the result:\n")
    release = f"release-name {folder} --namespace jx-production"
    assert [line.partition(": ")[0] for line in warnings.splitlines()] == ["WARNING", "WARNING", "WARNING", "note"]
    assert warnings.startswith(
        "WARNING: canary.enable is true in values.yaml: the next helm upgrade in namespace jx-production starts the"
        " canary. Set it to false to merge first\n"
    )
    assert "loses the type LoadBalancer" in warnings
    assert "Install with --set canary.enable=false" in warnings
    first, second, third = result.splitlines()
    assert first == (
        "The Canary renders in namespace jx-production while canary.enable is true, and in no other namespace. To change"
        f" that: chartgen add-canary {folder} --namespace NAME"
    )
    assert second.startswith("Added a Canary for Deployment release-name-api. Compared ")
    assert second.endswith("renderings with real Helm. Chart.yaml's version was not changed.")
    assert third == "In the commands, replace release-name with the name of your release."
    assert on.splitlines() == [
        "To switch the canary on:",
        f"  1. only for a first installation: helm install {release} --set canary.enable=false",
        f"  2. helm upgrade {release} --set canary.enable=true",
    ]
    assert off.splitlines() == [
        "To switch it off, in this order:",
        """  1. kubectl patch canary/release-name-api --namespace jx-production --type=merge --patch='{"spec":{"suspend":true}}'""",
        "  2. kubectl scale deployment/release-name-api --namespace jx-production --replicas=N",
        "  3. kubectl rollout status deployment/release-name-api --namespace jx-production",
        f"  4. helm upgrade {release} --set canary.enable=false   (with Helm 4, add --force-conflicts)",
    ]


def test_a_switched_off_canary_is_not_said_to_start(chart: Callable[[str], Path]) -> None:
    folder = added(chart("helm-create"))
    values = folder / "values.yaml"
    values.write_text(values.read_text().replace("  enable: true", "  enable: false"))
    done = chartgen("add-canary", str(folder), "--progress-deadline", "300")
    assert done.stdout == "change values.yaml\n"
    assert "starts the canary" not in done.stderr


NAMED = """\
{{- define "deployment" }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ .root.Release.Name }}-{{ .name }}
spec:
  replicas: {{ .root.Values.replicas | default 2 }}
  selector:
    matchLabels:
      app: {{ .root.Release.Name }}-{{ .name }}
  template:
    metadata:
      labels:
        app: {{ .root.Release.Name }}-{{ .name }}
    spec:
      containers:
        - name: app
          image: nginx:1.27
          ports:
            - {name: http, containerPort: 8080}
{{- end }}
{{- include "deployment" (dict "root" . "name" "api") }}
---
{{- include "deployment" (dict "root" . "name" "worker") }}
"""


def test_replicas_written_once_for_several_workloads_are_left_alone(chart: Callable[[str], Path]) -> None:
    folder = chart("empty-values")
    (folder / "templates" / "deployment.yaml").write_text(NAMED)
    done = chartgen("add-canary", str(folder), "--target", "api")
    assert done.returncode == 0, done.stderr
    assert "note: chartgen can't put a condition around the chart's replicas" in done.stderr
    assert "canary.replicas" not in "".join(path.read_text() for path in folder.glob("templates/*"))
    assert canary(folder, "--release-name", "blue")["spec"]["targetRef"]["name"] == "blue-api"


def rewritten(folder: Path, before: str, after: str) -> Path:
    (template,) = folder.glob("templates/*.yaml")
    text = template.read_text()
    assert before in text
    template.write_text(text.replace(before, after))
    return folder


def test_a_port_whose_protocol_is_null_is_tcp(chart: Callable[[str], Path]) -> None:
    folder = rewritten(chart("one-file"), "- port: 80", "- protocol: {{ .Values.nothing }}\n      port: 80")
    assert canary(added(folder), "--release-name", "blue")["spec"]["service"]["port"] == 80


@pytest.mark.parametrize(("label", "is_noted"), [("app", False), ("tier", True)])
def test_a_selector_without_flaggers_labels_is_noted(label: str, is_noted: bool, chart: Callable[[str], Path]) -> None:
    folder = rewritten(chart("one-file"), "app: {{", f"{label}: {{{{")
    done = chartgen("add-canary", str(folder))
    assert done.returncode == (2 if is_noted else 0), done.stderr
    assert ("--accept selector-label-missing" in done.stderr) is is_noted
    done = chartgen("add-canary", str(folder), "--accept", "selector-label-missing")
    assert ("has none of app, name, app.kubernetes.io/name" in done.stderr) is is_noted
