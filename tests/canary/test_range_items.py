"""A Deployment that a `range` renders: the Canary of one item, written without the `range`, and what is refused."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from ruamel.yaml import YAML

from tests.canary.small_charts import small_chart
from tests.running import chartgen

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Any

pytestmark = pytest.mark.slow

WORKLOAD = """---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: NAME
spec:
  replicas: 2
  selector:
    matchLabels: {app: NAME}
  template:
    metadata:
      labels: {app: NAME}
    spec:
      containers:
        - name: app
          image: example.com/shop:1
          ports:
            - {name: http, containerPort: 8080}
"""
SERVICE = """---
apiVersion: v1
kind: Service
metadata:
  name: NAME
spec:
  selector: {app: NAME}
  ports:
    - {name: http, port: 80, targetPort: http}
"""
NAMES = "names: [web, worker]\n"
APPS = "apps:\n  web: {live: true, port: 80}\n  worker: {live: true, port: 81}\n"
WITH_PORT = SERVICE.replace("port: 80", "port: {{ $of.port }}")


def looped(opening: str, name: str, text: str = WORKLOAD + SERVICE, ends: int = 1) -> str:
    """A template of documents in a loop."""
    return f"{opening}\n{text.replace('NAME', name)}{'{{- end }}' * ends}\n"


def chart_of(folder: Path, values: str, template: str, services: str | None = None) -> Path:
    files = {"values.yaml": values, "templates/deployment.yaml": template, "templates/service.yaml": services}
    return small_chart(folder / "shop", files)


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def canaries(folder: Path, *options: str) -> list[dict[str, Any]]:
    """The Canaries of a release `blue`; none if emit finds none."""
    done = chartgen("emit", str(folder), "--release-name", "blue", "--format", "json", *options)
    if done.returncode:
        assert "renders no Canary" in done.stderr, done.stderr
        return []
    found = json.loads(done.stdout)
    return list(found["items"]) if found["kind"] == "List" else [found]


def documents(text: str) -> Iterator[Any]:
    yield from filter(None, YAML(typ="safe", pure=True).load_all(text))


SHAPES = {
    "a list in the template": ("{}\n", looped('{{- range list "web" "worker" }}', "{{ $.Release.Name }}-{{ . }}"), None),
    "a list of a variable": (
        "{}\n",
        looped('{{- $all := list "web" "worker" }}{{- range $i, $x := $all }}', "{{ $.Release.Name }}-{{ $x }}"),
        None,
    ),
    "a list of the values": (NAMES, looped("{{- range .Values.names }}", "{{ $.Release.Name }}-{{ . }}"), None),
    "a variable inside": (
        NAMES,
        looped('{{- range .Values.names }}{{- $n := printf "%s-%s" $.Release.Name . }}', "{{ $n }}"),
        None,
    ),
    "a map with a condition, and the Services in another file": (
        APPS,
        looped("{{- range $name, $of := .Values.apps }}{{- if $of.live }}", "{{ $.Release.Name }}-{{ $name }}", WORKLOAD, 2),
        looped("{{- range $name, $of := $.Values.apps }}", "{{ $.Release.Name }}-{{ $name }}", WITH_PORT),
    ),
}  # fmt: skip


@pytest.mark.parametrize("delivery", ["helm", "argocd"])
@pytest.mark.parametrize("target", ["web", "worker"])
@pytest.mark.parametrize("shape", SHAPES)
def test_one_item_of_a_range_gets_a_canary(shape: str, target: str, delivery: str, tmp_path: Path) -> None:
    chart = chart_of(tmp_path, *SHAPES[shape])
    before = files_of(chart)
    done = chartgen("add-canary", str(chart), "--target", target, "--delivery", delivery)
    assert done.returncode == 0, done.stderr
    assert "can't put a condition around the chart's replicas" not in done.stderr
    (canary,) = canaries(chart)
    assert canary["metadata"]["name"] == canary["spec"]["targetRef"]["name"] == f"blue-{target}"
    assert canary["spec"]["service"]["port"] == (81 if "map" in shape and target == "worker" else 80)
    again = chartgen("add-canary", str(chart), "--target", target, "--interval", "30s")
    assert again.returncode == 0, again.stderr
    assert chartgen("add-canary", str(chart), "--check").returncode == 0
    if delivery == "helm":
        linted = chartgen("lint", str(chart), "--min-severity", "warning")
        assert (linted.returncode, linted.stdout) == (0, ""), linted.stdout
    assert chartgen("remove-canary", str(chart)).returncode == 0
    assert files_of(chart) == before


def test_the_canary_exists_while_its_item_does(tmp_path: Path) -> None:
    chart = chart_of(tmp_path, *SHAPES["a list of the values"])
    assert chartgen("add-canary", str(chart), "--target", "web").returncode == 0
    assert [each["metadata"]["name"] for each in canaries(chart, "--set", "names={worker,web}")] == ["blue-web"]
    assert canaries(chart, "--set", "names={worker}") == []


@pytest.mark.parametrize("without", ["apps.web=null", "apps.web.live=false"])
def test_the_canary_of_a_key_exists_while_its_workload_does(without: str, tmp_path: Path) -> None:
    chart = chart_of(tmp_path, *SHAPES["a map with a condition, and the Services in another file"])
    assert chartgen("add-canary", str(chart), "--target", "web").returncode == 0
    assert canaries(chart, "--set", without) == []


def test_only_the_replicas_of_the_item_are_left_out(tmp_path: Path) -> None:
    from chartgen.charts.load import load_chart
    from chartgen.helm.request import RenderRequest
    from chartgen.helm.select import select_engine

    chart = chart_of(tmp_path, *SHAPES["a list of the values"])
    assert chartgen("add-canary", str(chart), "--target", "web", "--delivery", "argocd").returncode == 0
    request = RenderRequest(release_name="blue", namespace="jx-production")
    texts = select_engine("embedded").render(load_chart(chart), request)
    found = [each for text in texts.values() for each in documents(text)]
    replicas = {
        each["metadata"]["name"]: each["spec"].get("replicas") for each in found if each["kind"] == "Deployment"
    }
    assert replicas == {"blue-web": None, "blue-worker": 2}
    assert [each["metadata"]["name"] for each in found if each["kind"] == "Service"] == ["blue-worker"]


def test_two_items_share_the_line_of_the_replicas(tmp_path: Path) -> None:
    chart = chart_of(tmp_path, *SHAPES["a list of the values"])
    states = [files_of(chart)]
    for target, options in (("web", []), ("worker", ["--keep-service"])):
        done = chartgen("add-canary", str(chart), "--target", target, *options)
        assert done.returncode == 0, done.stderr
        states.append(files_of(chart))
    assert sorted(each["metadata"]["name"] for each in canaries(chart)) == ["blue-web", "blue-worker"]
    assert chartgen("remove-canary", str(chart), "--target", "worker").returncode == 0
    assert files_of(chart) == states[1]
    assert chartgen("add-canary", str(chart), "--target", "worker", "--keep-service").returncode == 0
    assert chartgen("remove-canary", str(chart), "--target", "web").returncode == 0
    assert chartgen("remove-canary", str(chart)).returncode == 0
    assert files_of(chart) == states[0]


def test_the_services_of_two_items_are_refused_with_the_reason(tmp_path: Path) -> None:
    chart = chart_of(tmp_path, *SHAPES["a list of the values"])
    before = files_of(chart)
    done = chartgen("add-canary", str(chart), "--all-targets")
    assert done.returncode == 2
    assert "the `range` that renders it also renders the Service of another Canary, which has one" in done.stderr
    assert files_of(chart) == before


REFUSED = {
    "maps in a list": (
        "apps: [{name: web}, {name: worker}]\n",
        looped("{{- range .Values.apps }}", "{{ $.Release.Name }}-{{ .name }}"),
    ),
    "names of maps in a list": (
        "apps: [{name: web}, {name: worker}]\n",
        looped("{{- range .Values.apps }}", "{{ .name }}"),
    ),
    "a range in a range": (
        "apps:\n  a: [web]\n  b: [worker]\n",
        looped("{{- range .Values.apps }}{{- range . }}", "{{ $.Release.Name }}-{{ . }}", ends=2),
    ),
}


@pytest.mark.parametrize("shape", REFUSED)
def test_a_workload_without_a_name_of_its_item_is_refused_with_a_way_on(shape: str, tmp_path: Path) -> None:
    values, template = REFUSED[shape]
    chart = chart_of(tmp_path, values, template)
    before = files_of(chart)
    done = chartgen("add-canary", str(chart), "--target", "web")
    assert done.returncode == 2
    assert "it is inside `{{ range .Values.apps }}`" in done.stderr
    assert files_of(chart) == before
    _, _, hint = done.stderr.partition("for example ")
    define, _, _ = hint.partition(", and run again")
    assert define.startswith('{{ define "shop.web.name" }}')
    (chart / "templates" / "_helpers.tpl").write_text(define)
    assert chartgen("add-canary", str(chart), "--target", "web").returncode == 0
    (canary,) = canaries(chart)
    assert canary["metadata"]["name"].removeprefix("blue-") == "web"
