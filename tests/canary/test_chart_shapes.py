"""Shapes of charts that add-canary handles; each is shown by what real Helm renders afterwards."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.canary.small_charts import DEPLOYMENT, SERVICE, added, helm_template, small_chart
from tests.conftest import helm_program
from tests.running import chartgen

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


@pytest.fixture
def helm() -> Path:
    """One version is enough: test_whole_charts compares all of them."""
    return helm_program("4.1")


def test_a_comment_with_the_word_define_is_no_named_template(tmp_path: Path, helm: Path) -> None:
    checksum = (
        '      annotations:\n        sum: {{ include (print $.Template.BasePath "/config.yaml") . | sha256sum }}\n'
    )
    deployment = DEPLOYMENT.replace("    spec:\n", f"{checksum}    spec:\n")
    folder = small_chart(
        tmp_path,
        {
            "templates/deployment.yaml": f"{{{{- /* defined by the team */}}}}\n{deployment}",
            "templates/config.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: shop\ndata: {a: b}\n",
        },
    )
    added(folder)
    assert "kind: Canary" in helm_template(helm, folder)


HPA = """apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: shop
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: shop}
  minReplicas: 2
  maxReplicas: 4
"""
BEHIND_VARIABLES = {
    "assigned": ("{{- $s := .Values.scaling }}\n{{- if $s.enabled }}\n", "{{- end }}\n"),
    "with": ("{{- with .Values.scaling }}\n{{- if .enabled }}\n", "{{- end }}\n{{- end }}\n"),
    "twice": ("{{- $s := .Values.scaling }}\n{{- $on := $s.enabled }}\n{{- if $on }}\n", "{{- end }}\n"),
}


@pytest.mark.parametrize("default", ["true", "false"])
@pytest.mark.parametrize("shape", sorted(BEHIND_VARIABLES))
def test_an_autoscaler_behind_a_variable_of_its_file(shape: str, default: str, tmp_path: Path, helm: Path) -> None:
    opening, closing = BEHIND_VARIABLES[shape]
    files = {"templates/hpa.yaml": f"{opening}{HPA}{closing}", "values.yaml": f"scaling: {{enabled: {default}}}\n"}
    folder = small_chart(tmp_path, files)
    added(folder)
    for on in ("true", "false"):
        printed = helm_template(helm, folder, "--set", f"scaling.enabled={on}")
        assert ("autoscalerRef:" in printed) is (on == "true")


def test_variables_of_the_same_name_in_two_files(tmp_path: Path, helm: Path) -> None:
    opening = "{{- $s := .Values.%s }}\n{{- if $s.enabled }}\n"
    folder = small_chart(
        tmp_path,
        {
            "templates/deployment.yaml": f"{opening % 'main'}{DEPLOYMENT}{{{{- end }}}}\n",
            "templates/hpa.yaml": f"{opening % 'scaling'}{HPA}{{{{- end }}}}\n",
            "values.yaml": "main: {enabled: true}\nscaling: {enabled: false}\n",
        },
    )
    added(folder)
    assert "autoscalerRef" not in helm_template(helm, folder)
    assert "autoscalerRef" in helm_template(helm, folder, "--set", "scaling.enabled=true")
    assert "kind: Canary" not in helm_template(helm, folder, "--set", "main.enabled=false")


FLOW = {
    "over lines": {
        "templates/service.yaml": SERVICE.replace(
            "  ports:\n    - name: http\n      port: 80\n      targetPort: http\n",
            "  ports: [{name: http,\n    port: 80,\n    targetPort: http}]\n",
        ),
        "values.yaml": "extra: {a: 1,\n  b: 2}\n",
    },
    "of values": {
        "templates/service.yaml": "apiVersion: v1\nkind: Service\nmetadata: {name: '{{ .Values.name }}', labels: {a: b}}\n"
        "spec: {selector: {app: shop}, ports: [{port: {{ .Values.port }}, name: http, targetPort: 8080}]}\n",
        "values.yaml": "name: shop\nport: 80\n",
    },
    "JSON": {
        "templates/service.yaml": '{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "shop"}, "spec":\n'
        '{"selector": {"app": "shop"}, "ports": [{"port": {{ .Values.port }}, "targetPort": 8080}]}}\n',
        "values.yaml": "port: 80\n",
    },
    "replicas": {
        "templates/deployment.yaml": DEPLOYMENT.replace("metadata:\n  name: shop\n", "metadata: {name: shop,\n  }\n", 1)
        .replace("spec:\n  replicas: 2\n  selector:", "spec: {\n  replicas: 2, selector:", 1)
        .replace("    matchLabels:\n      app: shop\n  template:\n", "    {matchLabels: {app: shop}}, template:\n")
        .replace(DEPLOYMENT[DEPLOYMENT.index("    metadata:\n") :], "")
        + "   {metadata: {labels: {app: shop}}, spec: {containers: [{name: shop, image: i, ports: [{containerPort: 8080,\n"
        "   name: http}]}]}}}\n",
    },
}


@pytest.mark.parametrize("shape", sorted(FLOW))
def test_flow_collections(shape: str, tmp_path: Path, helm: Path) -> None:
    folder = small_chart(tmp_path, FLOW[shape])
    added(folder)
    assert "    port: 80\n" in helm_template(helm, folder)
    outside = helm_template(helm, folder, namespace="elsewhere")
    assert outside == helm_template(helm, small_chart(tmp_path / "before", FLOW[shape]), namespace="elsewhere")


def test_one_template_file_with_the_helm_program(tmp_path: Path, helm: Path) -> None:
    files = {"templates/all.yaml": f"{DEPLOYMENT}---\n{SERVICE}"}
    folder = small_chart(tmp_path, {**files, "templates/deployment.yaml": None, "templates/service.yaml": None})
    added(folder, "--helm", str(helm))
    inside = helm_template(helm, folder)
    assert ("kind: Canary" in inside, "kind: Service" in inside) == (True, False)
    assert "kind: Service" in helm_template(helm, folder, namespace="elsewhere")


PORTS = """    {{- if not .Values.ports }}
    - name: http
      port: 80
      targetPort: http
    {{- else }}
    {{- range .Values.ports }}
    - name: {{ .name }}
      port: {{ .port }}
      {{- with .inner }}
      targetPort: {{ . }}
      {{- end }}
    {{- end }}
    {{- end }}
"""


@pytest.mark.parametrize("values", ["ports: []\n", "{}\n", "ports: {}\n"])
def test_a_list_of_ports_in_the_values(values: str, tmp_path: Path, helm: Path) -> None:
    service = SERVICE[: SERVICE.index("    - name: http")] + PORTS
    folder = small_chart(tmp_path, {"templates/service.yaml": service, "values.yaml": values})
    added(folder)
    printed = helm_template(helm, folder)
    assert "    port: 80\n    portName: http\n    targetPort: http\n" in printed
    own = helm_template(helm, folder, "--set-json", 'ports=[{"name":"web","port":81,"inner":9090}]')
    assert "    port: 81\n    portName: web\n    targetPort: 9090\n" in own
    bare = helm_template(helm, folder, "--set-json", 'ports=[{"name":"web","port":81}]')
    assert ("    port: 81\n    portName: web\n" in bare, "targetPort" in bare) == (True, False)


@pytest.mark.parametrize("null", ["canary=null", "canary.service=null", "canary.canaryAnalysis=null"])
def test_values_of_the_canary_set_to_null(null: str, tmp_path: Path, helm_binary: Path) -> None:
    folder = small_chart(tmp_path)
    added(folder)
    printed = helm_template(helm_binary, folder, "--set", null)
    assert ("kind: Canary" in printed) is (null != "canary=null")
    assert ("kind: Service\n" in printed) is (null == "canary=null")


@pytest.mark.parametrize("version", ["v1alpha2", "v1alpha3"])
def test_a_second_run_keeps_the_api_version(version: str, tmp_path: Path, helm: Path) -> None:
    folder = small_chart(tmp_path)
    added(folder, "--api-version", version)
    added(folder)
    assert f"apiVersion: flagger.app/{version}\n" in helm_template(helm, folder)
    added(folder, "--api-version", "v1beta1")


@pytest.mark.parametrize("version", ["v1beta1", "v1alpha2"])
def test_keep_service_where_the_canary_reads_the_service(version: str, tmp_path: Path, helm: Path) -> None:
    service = SERVICE[: SERVICE.index("    - name: http")] + PORTS
    folder = small_chart(tmp_path, {"templates/service.yaml": service, "values.yaml": "ports: []\n"})
    added(folder, "--keep-service", "--api-version", version)
    assert (folder / "templates" / "service.yaml").read_text() == service
    printed = helm_template(helm, folder)
    assert ("kind: Canary" in printed, "kind: Service\n" in printed) == (True, True)
    if version == "v1beta1":
        own = helm_template(helm, folder, "--set-json", 'ports=[{"name":"web","port":81}]')
        assert "    port: 81\n    portName: web\n" in own


def test_a_block_around_target_and_service_with_a_list_of_ports(tmp_path: Path, helm: Path) -> None:
    service = SERVICE[: SERVICE.index("    - name: http")] + PORTS
    both = f"{{{{- if .Values.app.on_ }}}}\n{DEPLOYMENT}---\n{service}{{{{- end }}}}\n"
    files = {"templates/service.yaml": None, "templates/deployment.yaml": both, "values.yaml": "app: {on_: true}\n"}
    folder = small_chart(tmp_path, files)
    added(folder)
    assert "    port: 80\n    portName: http\n    targetPort: http\n" in helm_template(helm, folder)


@pytest.mark.parametrize(
    ("name", "provider", "metrics"),
    [
        ("http", "istio", ["request-success-rate", "request-duration"]),
        ("grpc", "istio", ["request-duration"]),
        ("grpc-web", "linkerd", ["request-success-rate", "request-duration"]),
        ("tcp-redis", "istio", []),
        ("tls", "linkerd", []),
    ],
)
def test_metrics_are_written_only_for_a_port_that_has_them(
    name: str, provider: str, metrics: list[str], tmp_path: Path
) -> None:
    folder = small_chart(
        tmp_path, {"templates/service.yaml": SERVICE.replace("name: http\n      port", f"name: {name}\n      port")}
    )
    printed = added(folder, "--provider", provider)
    canary = json.loads(chartgen("emit", str(folder), "--format", "json").stdout)
    assert [metric["name"] for metric in canary["spec"]["analysis"]["metrics"]] == metrics
    assert (f"port {name} isn't HTTP" in printed) is (len(metrics) < 2)
    assert "http-metrics-on-grpc" not in chartgen("lint", str(folder)).stdout


LICENCE = "# Copyright of the shop\n#\n# All rights reserved\n\n"


@pytest.mark.parametrize("helm_only", [False, True])
def test_everything_in_one_condition_below_a_licence(helm_only: bool, tmp_path: Path, helm: Path) -> None:
    account = "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: shop\n"
    text = f"{LICENCE}{{{{- if .Values.create }}}}\n{DEPLOYMENT}---\n{SERVICE}---\n{account}{{{{- end }}}}\n"
    files = {"templates/service.yaml": None, "templates/deployment.yaml": None, "templates/all.yaml": text}
    folder = small_chart(tmp_path, {**files, "values.yaml": "create: true\n"})
    before = helm_template(helm, folder, namespace="elsewhere")
    added(folder, *(["--helm", str(helm)] if helm_only else []))
    now = (folder / "templates" / "all.yaml").read_text()
    assert now.startswith(LICENCE)
    body = now.partition('{{- define "shop.canary.chart-service" }}{{ if .Values.create }}\n')[2]
    assert body.partition("{{- end }}{{- end }}{{- include")[0] == SERVICE.join(["---\n", ""])
    assert helm_template(helm, folder, namespace="elsewhere") == before
    inside = helm_template(helm, folder)
    assert ("kind: Canary\n" in inside, "kind: Service\n" in inside, "kind: ServiceAccount\n" in inside) == (
        True,
        False,
        True,
    )
    assert "kind: " not in helm_template(helm, folder, "--set", "create=false")


SECOND = SERVICE.replace("name: shop", "name: front").replace("port: 80\n", "port: 443\n")
SAME_NUMBER = SERVICE.replace("port: 80\n", "port: 8080\n")


def served(folder: Path, *options: str) -> str:
    done = chartgen("add-canary", str(folder), *options)
    assert done.returncode == 0, done.stderr
    spec = json.loads(chartgen("emit", str(folder), "--format", "json").stdout)["spec"]
    return str(spec["service"].get("name", spec["targetRef"]["name"]))


@pytest.mark.parametrize(("options", "expected"), [([], "shop"), (["--service", "front"], "front")])
def test_one_of_several_services_is_chosen(options: list[str], expected: str, tmp_path: Path) -> None:
    folder = small_chart(tmp_path, {"templates/front.yaml": SECOND})
    assert served(folder, *options) == expected
    assert chartgen("add-canary", str(folder)).stdout.startswith("nothing to do")
    assert served(folder, "--interval", "30s") == expected


def test_the_service_that_port_discovery_cannot_carry_is_served(tmp_path: Path) -> None:
    assert (
        served(small_chart(tmp_path, {"templates/service.yaml": SAME_NUMBER, "templates/front.yaml": SECOND}))
        == "front"
    )


def test_a_service_that_does_not_select_the_target_is_named(tmp_path: Path) -> None:
    done = chartgen("add-canary", str(small_chart(tmp_path)), "--service", "back")
    assert done.returncode == 2
    assert "--service back: no Service of this name with a TCP port selects the pods of Deployment shop" in done.stderr
    assert "choose one of shop" in done.stderr


def test_a_template_that_replaces_all_values(tmp_path: Path) -> None:
    profile = (
        '{{- $defaults := .Values.defaults }}\n{{- $_ := unset .Values "defaults" }}\n'
        '{{- $_ := set $ "Values" (mustMergeOverwrite $defaults .Values) }}\n'
    )
    named = "name: {{ .Values.name }}"
    files = {
        "values.yaml": "defaults:\n  name: shop\n",
        "templates/zzz-profile.yaml": profile,
        "templates/deployment.yaml": DEPLOYMENT.replace("name: shop", named, 1),
        "templates/service.yaml": SERVICE.replace("name: shop", named, 1),
    }
    folder = small_chart(tmp_path, files)
    assert served(folder) == "shop"
    assert "name: {{ .Values.name }}\n" in (folder / "templates/canary.yaml").read_text()


def test_two_workloads_of_one_name(tmp_path: Path) -> None:
    daemon = DEPLOYMENT.replace("kind: Deployment", "kind: DaemonSet").replace("  replicas: 2\n", "")
    done = chartgen("add-canary", str(small_chart(tmp_path, {"templates/daemon.yaml": daemon})), "--target", "shop")
    assert done.returncode == 2
    assert "--target shop: the chart renders 2 workloads of this name (DaemonSet and Deployment)" in done.stderr
