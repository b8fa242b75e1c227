"""`chartgen emit`: the Flagger objects as Helm renders them, from charts with and without conditions."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import CHARTS, HELM_VERSIONS, helm_program
from tests.running import chartgen, run_alone

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

META = "apiVersion: v2\nname: app\nversion: 0.1.0\n"
CANARY = """\
apiVersion: flagger.app/v1beta1
kind: Canary
metadata:
  name: {{ .Release.Name }}-web
spec:
  targetRef: {apiVersion: apps/v1, kind: Deployment, name: {{ .Release.Name }}-web}
"""
METRIC = """\
apiVersion: flagger.app/v1beta1
kind: MetricTemplate
metadata:
  name: errors
spec:
  query: |
    sum(rate(
      {kind="x"}[1m])) # not a comment
"""
ALERT = "kind: AlertProvider\napiVersion: flagger.app/v1beta1\nmetadata: {name: chat}\n"


@pytest.fixture
def written(tmp_path: Path) -> Callable[..., str]:
    """A chart of these templates; the path to give to chartgen."""

    def write(values: str = "", **templates: str) -> str:
        folder = tmp_path / "app"
        (folder / "templates").mkdir(parents=True)
        (folder / "Chart.yaml").write_text(META)
        (folder / "values.yaml").write_text(values)
        for name, text in templates.items():
            (folder / "templates" / f"{name}.yaml").write_text(text)
        return str(folder)

    return write


def emitted(*arguments: str) -> list[dict[str, Any]]:
    """The documents of the JSON output."""
    done = chartgen("emit", *arguments, "--format", "json")
    assert done.returncode == 0, done.stderr
    read: dict[str, Any] = json.loads(done.stdout)
    return list(read["items"]) if read["kind"] == "List" else [read]


def test_emit_imports_only_what_it_needs(tmp_path: Path) -> None:
    """Nothing that only lint, plan or odd YAML needs."""
    chart = tmp_path / "web"
    shutil.copytree(CHARTS / "helm-create", chart)
    chartgen("add-canary", "--host", "web.test", str(chart))
    done, loaded = run_alone("emit", str(chart))
    assert (done.returncode, done.stderr) == (0, "")
    assert "\n  namespace: " in done.stdout
    assert not {"ruamel", "jsonschema", "jinja2", "tarfile", "rich"}.intersection(loaded)
    packages = {name.split(".")[1] for name in loaded if name.startswith("chartgen.")}
    assert packages == {
        "__main__", "api", "charts", "cli", "edits", "errors", "escaping", "flagger", "helm", "inputs", "manifests",
        "patterns",
    }  # fmt: skip
    assert {name for name in loaded if name.startswith(("chartgen.flagger.", "chartgen.manifests.switches."))} == {
        "chartgen.flagger.emission",
        "chartgen.manifests.switches.gates",
        "chartgen.manifests.switches.kinds",
    }


@pytest.mark.parametrize("command", ["emit", "plan", "add-canary"])
def test_a_chart_that_does_not_render_is_named_with_the_place(command: str, written: Callable[..., str]) -> None:
    chart = written(a="{{ if .Values.x\n")
    done = chartgen(command, chart)
    assert done.returncode == 2
    assert done.stderr == (
        f"error: {chart}: Helm fails to render the chart: templates/a.yaml:1: unclosed action started at"
        " app/templates/a.yaml:1\nhelp: correct it, or set the values that it needs with -f or --set\n"
    )


def test_a_chart_without_any_gate(written: Callable[..., str]) -> None:
    (canary,) = emitted(written(canary=CANARY))
    assert canary["metadata"] == {"name": "release-name-web", "namespace": "default"}


@pytest.mark.parametrize(
    "condition",
    [
        'eq .Release.Namespace "prod"',
        'eq "prod" .Release.Namespace',
        'has .Release.Namespace (list "prod" "live")',
        'or (eq .Release.Namespace "prod") (eq .Release.Namespace "live")',
    ],
)
def test_the_namespace_is_the_first_the_gate_lets_through(condition: str, written: Callable[..., str]) -> None:
    chart = written(canary=f"{{{{ if {condition} }}}}\n{CANARY}{{{{ end }}}}\n")
    (canary,) = emitted(chart)
    assert canary["metadata"]["namespace"] == "prod"


FALSE = [
    (
        '{{ if eq .Release.Namespace "prod" }}\n',
        ["-n", "other"],
        'templates/canary.yaml:1: {{ if eq .Release.Namespace "prod" }} is false',
    ),
    ("{{ if .Values.canary.live }}\n", [], "templates/canary.yaml:1: {{ if .Values.canary.live }} is false"),
    (
        '{{ if eq .Release.Namespace "prod" }}\n{{ if .Values.canary.live }}\n',
        [],
        "templates/canary.yaml:2: {{ if .Values.canary.live }}",
    ),
    ("{{ with .Values.canary.settings }}\n", [], "templates/canary.yaml:1: {{ with .Values.canary.settings }} is empty"),
    ("{{ range .Values.canary.list }}\n", [], "templates/canary.yaml:1: {{ range .Values.canary.list }} has no items"),
]  # fmt: skip


@pytest.mark.parametrize(("opening", "options", "reason"), FALSE, ids=[reason for *_, reason in FALSE])
def test_the_false_condition_is_named(
    opening: str, options: list[str], reason: str, written: Callable[..., str]
) -> None:
    text = opening + CANARY + "{{ end }}\n" * opening.count("\n")
    done = chartgen("emit", written("canary: {live: false, list: []}\n", canary=text), *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert reason in done.stderr
    (hint,) = [line for line in done.stderr.splitlines() if line.startswith("help: ")]
    halves = [("choose another --namespace", ".Release.Namespace"), ("set the values of the condition", ".Values")]
    named = done.stderr.partition("{{")[2].partition("}}")[0]
    for half, marker in halves:
        assert (half in hint) is (marker in named)


def test_a_chart_without_a_canary_is_reported_with_the_command_that_adds_one(written: Callable[..., str]) -> None:
    done = chartgen("emit", written(metric=METRIC))
    assert (done.returncode, done.stdout) == (2, "")
    assert "the chart has no Canary\nhelp: add one: chartgen add-canary " in done.stderr


def test_the_objects_a_canary_refers_to_are_printed_first(written: Callable[..., str]) -> None:
    chart = written(a_canary=CANARY, b_metric=METRIC, c_alert=ALERT, d_other="kind: Service\nmetadata: {name: x}\n")
    assert [body["kind"] for body in emitted(chart)] == ["MetricTemplate", "AlertProvider", "Canary"]
    assert {body["metadata"]["namespace"] for body in emitted(chart, "-n", "shop")} == {"shop"}


@pytest.mark.slow
def test_the_text_is_helms_own_except_for_the_namespace(written: Callable[..., str]) -> None:
    chart = written(canary=CANARY, metric=METRIC, alert=ALERT)
    done = chartgen("emit", chart, "-n", "shop")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert lines.count("  namespace: shop") == 2
    assert [line for line in lines if '"namespace": "shop"' in line] == ['metadata: {"namespace": "shop",name: chat}']
    without = done.stdout.replace("  namespace: shop\n", "").replace('"namespace": "shop",', "")
    helm = helm_program("3.17")
    printed = subprocess.run([str(helm), "template", chart], capture_output=True, text=True, check=True).stdout
    assert sorted(without.split("---\n")) == sorted(printed.split("---\n"))


def test_a_namespace_of_its_own_stays(written: Callable[..., str]) -> None:
    text = CANARY.replace("metadata:\n", "metadata:\n  namespace: own\n")
    (canary,) = emitted(written(canary=text), "-n", "shop")
    assert canary["metadata"]["namespace"] == "own"


ODD = {
    "duplicate keys": CANARY + "status: {}\nstatus: {}\n",
    "comment first": "# made by hand\n" + CANARY,
    "quoted keys": CANARY.replace("metadata:", '"metadata":').replace("kind:", "'kind':"),
    "flow": '{"apiVersion": "flagger.app/v1beta1", "kind": "Canary", "metadata": {"name": "w"}, "spec": {}}\n',
    "deep indent": CANARY.replace("  name: {{ .Release.Name }}-web\n", "      name: w\n      labels: {a: b}\n"),
    "comment below metadata": CANARY.replace("metadata:\n", "metadata: # this\n  # and that\n"),
    "empty namespace": CANARY.replace("metadata:\n", 'metadata:\n  namespace: ""\n'),
    "null namespace": CANARY.replace("metadata:\n", "metadata:\n  namespace:\n"),
    "namespace in words": CANARY.replace("metadata:\n", "metadata:\n  namespace: ~ # the release's\n"),
    "flow, empty namespace": "kind: Canary\napiVersion: flagger.app/v1beta1\nmetadata: {namespace: , name: w}\n",
    "tab in a comment": CANARY + "#\tx\n",
    "umlaut": CANARY.replace("metadata:\n", "metadata:\n  annotations: {ü: é}\n"),
    "windows": CANARY.replace("\n", "\r\n"),
    "anchor": CANARY.replace("metadata:\n", "metadata: &m\n"),
}


@pytest.mark.parametrize("name", ODD)
def test_documents_in_any_form_get_their_namespace(name: str, written: Callable[..., str], engine: Any) -> None:
    chart = written(canary=ODD[name])
    (by_json,) = emitted(chart, "-n", "shop")
    assert by_json["metadata"]["namespace"] == "shop"
    done = chartgen("emit", chart, "-n", "shop")
    assert done.returncode == 0, done.stderr
    assert engine.read_yaml(done.stdout) == by_json


def test_subcharts_are_emitted_too(written: Callable[..., str], tmp_path: Path) -> None:
    chart = written(a="kind: Service\nmetadata: {name: x}\n")
    below = tmp_path / "app" / "charts" / "sub"
    (below / "templates").mkdir(parents=True)
    (below / "Chart.yaml").write_text("apiVersion: v2\nname: sub\nversion: 0.1.0\n")
    (below / "templates" / "canary.yaml").write_text(CANARY)
    assert [body["kind"] for body in emitted(chart)] == ["Canary"]


def test_an_object_of_another_api_group_is_ignored(written: Callable[..., str]) -> None:
    chart = written(canary=CANARY, other=CANARY.replace("flagger.app", "example.com"))
    assert [body["apiVersion"] for body in emitted(chart)] == ["flagger.app/v1beta1"]


def test_values_reach_the_rendering(written: Callable[..., str], tmp_path: Path) -> None:
    chart = written("live: false\n", canary="{{ if .Values.live }}\n" + CANARY + "{{ end }}\n")
    (tmp_path / "live.yaml").write_text("live: true\n")
    assert chartgen("emit", chart).returncode == 2
    for options in (["--set", "live=true"], ["-f", str(tmp_path / "live.yaml")], ["--set-json", "live=true"]):
        assert chartgen("emit", chart, *options).returncode == 0
    (canary,) = emitted(chart, "--set-string", "live=yes", "--release-name", "blue")
    assert canary["metadata"]["name"] == "blue-web"


def test_capabilities_are_those_of_the_options(written: Callable[..., str]) -> None:
    condition = '{{ if and (.Capabilities.APIVersions.Has "x.io/v1") (eq .Capabilities.KubeVersion.Minor "29") }}\n'
    chart = written(canary=condition + CANARY + "{{ end }}\n")
    assert chartgen("emit", chart).returncode == 2
    assert chartgen("emit", chart, "--api-versions", "x.io/v1", "--kube-version", "1.29").returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize("helm", HELM_VERSIONS)
def test_a_helm_program_emits_the_same(helm: str, written: Callable[..., str]) -> None:
    chart = written(canary=CANARY, metric=METRIC, alert=ALERT)
    for form in ("yaml", "json"):
        ours = chartgen("emit", chart, "--format", form, "--helm", "embedded")
        theirs = chartgen("emit", chart, "--format", form, "--helm", str(helm_program(helm)))
        assert (theirs.returncode, theirs.stdout) == (0, ours.stdout)


@pytest.mark.slow
def test_a_packaged_chart(written: Callable[..., str], tmp_path: Path) -> None:
    chart = written(canary=CANARY)
    helm = helm_program("4.1")
    subprocess.run([str(helm), "package", chart, "-d", str(tmp_path)], check=True, capture_output=True)
    assert chartgen("emit", str(tmp_path / "app-0.1.0.tgz")).stdout == chartgen("emit", chart).stdout


def test_into_a_file(written: Callable[..., str], tmp_path: Path) -> None:
    chart = written(canary=CANARY)
    target = tmp_path / "out" / "canary.yaml"
    done = chartgen("emit", chart, "-o", str(target))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert target.read_text() == chartgen("emit", chart).stdout
    assert [path.name for path in target.parent.iterdir()] == ["canary.yaml"]


def test_a_file_that_cannot_be_written(written: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    done = chartgen("emit", written(canary=CANARY), "-o", str(tmp_path / "file" / "canary.yaml"))
    assert done.returncode == 2
    assert "help: " in done.stderr
    assert (tmp_path / "file").read_text() == "mine"


INVALID = [
    (["--release-name", "Bad Name"], "--release-name 'Bad Name'"),
    (["--release-name", "a" * 54], "at most 53"),
    (["-n", "Bad NS"], "--namespace 'Bad NS'"),
    (["--kube-version", "new"], "--kube-version 'new'"),
    (["--helm", "/no/such/helm"], "program not found"),
    (["--set", "a"], "--set a"),
    (["-f", "absent.yaml"], "absent.yaml"),
]


@pytest.mark.parametrize(("options", "message"), INVALID, ids=[" ".join(options)[:30] for options, _ in INVALID])
def test_invalid_options(options: list[str], message: str, written: Callable[..., str]) -> None:
    done = chartgen("emit", written(canary=CANARY), *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert "help: " in done.stderr
