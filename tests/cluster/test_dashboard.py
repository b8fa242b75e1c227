"""The dashboard: its panels, Grafana's JSON, the ConfigMap, and the chart that carries it."""

from __future__ import annotations

import json
import shutil
import sys
from typing import TYPE_CHECKING, Any

import pytest

from chartgen.cluster.dashboard.panels import marks, panels
from chartgen.flagger.canary import read_canary
from chartgen.flagger.providers import PROVIDERS
from tests.cluster.recorded import CHART, NAMESPACE, Recorded
from tests.conftest import CHARTS
from tests.running import chartgen

if TYPE_CHECKING:
    from pathlib import Path


def expressions(document: dict[str, Any]) -> list[str]:
    return [target["expr"] for panel in document["panels"] for target in panel.get("targets", ())]


def test_the_pictures_are_those_of_the_chart() -> None:
    done = chartgen("dashboard", str(CHART), "-n", NAMESPACE)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    titles = [panel["title"] for panel in document["panels"]]
    assert titles == [
        "Traffic", "Weight", "Request rate",
        "Success rate and duration", "Success rate", "Duration, primary", "Duration, canary",
        "Resources", "CPU", "Memory",
    ]  # fmt: skip
    by_title = {panel["title"]: panel for panel in document["panels"]}
    assert [target["legendFormat"] for target in by_title["Duration, canary"]["targets"]] == ["P50", "P90", "P99"]
    steps = by_title["Success rate"]["fieldConfig"]["defaults"]["thresholds"]["steps"]
    assert steps == [{"color": "red", "value": None}, {"color": "transparent", "value": 99.0}]
    custom = by_title["Success rate"]["fieldConfig"]["defaults"]["custom"]
    assert custom["thresholdsStyle"] == {"mode": "line"}
    assert [mark["name"] for mark in document["annotations"]["list"]] == ["Rollout began", "Promoted", "Rolled back"]
    assert all("ready" in expression for expression in expressions(document))


def test_a_metric_of_a_template_in_the_chart_is_a_picture() -> None:
    cluster = Recorded()
    template = cluster.get("MetricTemplate", "requests")
    rows = dict(panels(read_canary(cluster.canary), (template,)))
    (panel,) = rows["Metrics of the analysis"]
    assert (panel.title, panel.minimum, panel.maximum) == ("requests", 1, None)
    assert [query.expr for query in panel.queries] == [
        f'sum(rate(istio_requests_total{{destination_workload="{name}"}}[$__rate_interval]))'
        for name in ("ready-primary", "ready")
    ]


@pytest.mark.parametrize("provider", [each.name for each in PROVIDERS])
def test_every_provider_has_a_dashboard_with_variables(provider: str) -> None:
    done = chartgen("dashboard", "--provider", provider)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    variables = {each["name"] for each in document["templating"]["list"]}
    text = " ".join(expressions(document))
    for name in ("namespace", "target", "service", "ingress", "route"):
        assert (name in variables) == (f"${name}" in text), name
    assert all(expression.count("(") == expression.count(")") for expression in expressions(document))


def test_pods_of_a_daemonset_have_shorter_names() -> None:
    cluster = Recorded()
    cluster.canary["spec"]["targetRef"]["kind"] = "DaemonSet"
    rows = dict(panels(read_canary(cluster.canary), ()))
    assert 'pod=~"ready-primary-[0-9a-z]+"' in rows["Resources"][0].queries[0].expr
    assert len(marks(read_canary(cluster.canary))) == 3


def test_a_config_map_has_the_label_of_the_sidecar() -> None:
    done = chartgen("dashboard", str(CHART), "-n", NAMESPACE, "--format", "configmap", "--label", "dash=yes")
    body = json.loads(done.stdout)
    assert (body["kind"], body["metadata"]["labels"]) == ("ConfigMap", {"dash": "yes"})
    assert json.loads(body["data"]["ready-canary.json"])["title"] == "Canary jx-production/ready"


@pytest.fixture
def chart(tmp_path: Path) -> Path:
    folder = tmp_path / "myapp"
    shutil.copytree(CHARTS / "jenkins-x", folder)
    assert chartgen("add-canary", str(folder), "--host", "myapp.example.com").returncode == 0
    return folder


@pytest.mark.slow
def test_a_chart_carries_it_once(chart: Path) -> None:
    before = {path: path.read_bytes() for path in chart.rglob("*") if path.is_file()}
    done = chartgen("dashboard", "--into", str(chart))
    assert done.returncode == 0, done.stderr
    after = {path: path.read_bytes() for path in chart.rglob("*") if path.is_file()}
    new = {path.relative_to(chart).as_posix() for path in after.keys() - before.keys()}
    assert new == {"dashboards/canary.json", "templates/canary-dashboard.yaml"}
    assert {path: after[path] for path in before} == before
    again = chartgen("dashboard", "--into", str(chart))
    assert "has this dashboard already" in again.stderr
    assert {path: path.read_bytes() for path in chart.rglob("*") if path.is_file()} == after
    emitted = chartgen("lint", str(chart), "--min-severity", "warning")
    assert emitted.returncode == 0, emitted.stdout


@pytest.mark.slow
def test_a_file_of_the_chart_is_not_overwritten(chart: Path) -> None:
    (chart / "templates" / "canary-dashboard.yaml").write_text("# mine\n")
    done = chartgen("dashboard", "--into", str(chart))
    assert done.returncode == 2
    assert "wasn't written by chartgen dashboard" in done.stderr
    assert (chart / "templates" / "canary-dashboard.yaml").read_text() == "# mine\n"


@pytest.mark.slow
def test_a_chart_that_leaves_the_file_out_is_named(chart: Path) -> None:
    (chart / ".helmignore").write_text("dashboards/\n")
    done = chartgen("dashboard", "--into", str(chart))
    assert done.returncode == 2
    assert ".helmignore" in done.stderr
    assert not (chart / "dashboards").exists()


def test_a_missing_library_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("grafana_foundation_sdk")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "grafana_foundation_sdk", None)
    done = chartgen("dashboard")
    assert done.returncode == 2
    assert "pip install 'chartgen[dashboard]'" in done.stderr
    assert len(done.stderr.splitlines()) == 2


def test_invalid_options_are_named() -> None:
    for words in (["--label", "x"], ["--provider", "istoi"], [str(CHART), "--into", "x"]):
        done = chartgen("dashboard", *words)
        assert done.returncode == 2, words
