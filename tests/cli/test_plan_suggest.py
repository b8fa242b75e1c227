"""`chartgen plan --suggest` as a user runs it: what it prints, what --write changes, and what it refuses."""

from __future__ import annotations

import difflib
import json
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from chartgen.planning.detection import monte_carlo
from chartgen.planning.suggestion import search
from chartgen.resources import schema
from tests.running import chartgen

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

BUDGETS = ("--rps", "20", "--detect", "5%:90%", "--max-failed-requests", "900", "--max-duration", "20m")
MANIFEST = """\
# the shop
apiVersion: flagger.app/v1beta1
kind: Canary
metadata: {name: shop, namespace: web}
spec:
  targetRef: {apiVersion: apps/v1, kind: Deployment, name: shop}
  service: {port: 80}
  analysis:
    interval: 5m    # slow
    threshold: 10
    stepWeights: [1, 2]   # careful
    metrics:
    - {name: request-success-rate, interval: 5m, thresholdRange: {min: 99}}
    - name: mine
      interval: 7m
      query: "1"
"""
SEARCHED = ("plan", "--suggest", "--no-config", *BUDGETS)


def changed_lines(before: str, after: str) -> list[str]:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    return [line for line in lines if not line.startswith(("---", "+++", "@@"))]


@pytest.fixture
def rough(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests that are about what happens with the settings: the search samples less."""
    budget = monte_carlo.WorkBudget
    monkeypatch.setattr(monte_carlo, "WorkBudget", lambda rows, _: budget(rows, 5_000))
    monkeypatch.setattr(search, "_WORK", 35_000)
    monkeypatch.setattr(search, "_NEAREST_WORK", 15_000)


@pytest.fixture
def manifest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    (tmp_path / "canary.yaml").write_text(MANIFEST)
    return tmp_path / "canary.yaml"


@pytest.mark.slow
def test_a_manifest_gets_the_settings_and_then_meets_the_budgets(manifest: Path) -> None:
    done = chartgen(*SEARCHED, "canary.yaml", "--write", "--format", "json")
    assert done.returncode == 0, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    jsonschema.validate(document, schema("suggestion-result-v1.schema.json"))
    lines = changed_lines(MANIFEST, manifest.read_text())
    assert all(any(word in line for word in ("terval", "threshold", "eight")) for line in lines), lines
    assert "      interval: 7m" in manifest.read_text()
    assert "wrote canary.yaml" in done.stderr
    alarms = ("--false-alarm", "1%", "--healthy-error-rate", "0.1%")
    planned = chartgen("plan", "canary.yaml", "--no-config", *BUDGETS, *alarms, "--format", "json")
    assert planned.returncode == 0, planned.stdout
    plan = json.loads(planned.stdout)["plans"][0]
    assert plan["scenarios"][0]["promote_seconds"] == document["chosen"]["promote_seconds"]
    assert plan["failed_requests"]["p95"] == document["chosen"]["failed_requests"]["p95"]


@pytest.mark.slow
@pytest.mark.usefixtures("rough")
def test_traffic_and_budgets_of_the_configuration_are_those_of_the_search(manifest: Path) -> None:
    given = chartgen(*SEARCHED, "canary.yaml", "--format", "json")
    policy = "{detect: ['5%:90%'], max-failed-requests: 900, max-duration: 20m, false-alarm: 1%}"
    manifest.with_name("chartgen.yaml").write_text(f"traffic: {{rps: 20}}\npolicy: {policy}\n")
    configured = chartgen("plan", "canary.yaml", "--suggest", "--format", "json")
    assert configured.returncode == 0, configured.stderr
    assert json.loads(configured.stdout) == json.loads(given.stdout)
    manifest.with_name("chartgen.yaml").write_text(f"traffic: {{rps: 0.05}}\npolicy: {policy}\n")
    fewer = chartgen("plan", "canary.yaml", "--suggest")
    assert fewer.returncode == 1
    assert "0.05 requests per" in fewer.stdout
    option = chartgen("plan", "canary.yaml", "--suggest", "--rps", "20", "--format", "json")
    assert json.loads(option.stdout) == json.loads(given.stdout)
    ignored = chartgen("plan", "canary.yaml", "--suggest", "--no-config")
    assert (ignored.returncode, ignored.stdout) == (2, "")
    assert "--suggest requires the traffic" in ignored.stderr


VALUES = """\
rollout:
  every: 2m  # between two checks
  failures: 9
  step: 1
  most: 3
  window: 2m
name: shop
"""
TEMPLATE = """\
apiVersion: flagger.app/v1beta1
kind: Canary
metadata:
  name: {{ .Values.name }}
spec:
  targetRef: {apiVersion: apps/v1, kind: Deployment, name: {{ .Values.name }}}
  service: {port: 80}
  analysis:
    interval: {{ .Values.rollout.every }}
    threshold: {{ .Values.rollout.failures }}
    stepWeight: {{ .Values.rollout.step }}
    maxWeight: {{ .Values.rollout.most }}
    metrics:
    - name: request-success-rate
      interval: {{ .Values.rollout.window }}
      thresholdRange: {min: 99}
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ .Values.name }}}
spec:
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec: {containers: [{name: c, image: x, ports: [{containerPort: 80}]}]}
"""


@pytest.fixture
def own_chart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A chart with a hand-written Canary, whose analysis comes from values."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "shop"
    (folder / "templates").mkdir(parents=True)
    (folder / "Chart.yaml").write_text("apiVersion: v2\nname: shop\nversion: 1.0.0\n")
    (folder / "values.yaml").write_text(VALUES)
    (folder / "templates" / "canary.yaml").write_text(TEMPLATE)
    (folder / "templates" / "deployment.yaml").write_text(DEPLOYMENT)
    return folder


@pytest.mark.slow
@pytest.mark.usefixtures("rough")
def test_a_hand_written_canary_gets_them_in_the_values(own_chart: Path) -> None:
    done = chartgen(*SEARCHED, "shop", "--write")
    assert done.returncode == 0, done.stderr
    assert (own_chart / "templates" / "canary.yaml").read_text() == TEMPLATE
    lines = changed_lines(VALUES, (own_chart / "values.yaml").read_text())
    assert lines
    assert all(line.startswith(("-  ", "+  ")) for line in lines)
    again = chartgen(*SEARCHED, "shop", "--diff")
    assert (again.returncode, again.stdout) == (0, "")


@pytest.mark.slow
@pytest.mark.usefixtures("rough")
def test_the_values_of_another_file_are_refused(own_chart: Path) -> None:
    (own_chart.parent / "live.yaml").write_text("rollout: {every: 3m}\n")
    done = chartgen(*SEARCHED, "shop", "-f", "live.yaml", "--write")
    assert done.returncode == 2
    assert "error: --write: can't set the analysis of Canary shop" in done.stderr
    assert "nothing was written" in done.stderr
    assert (own_chart / "values.yaml").read_text() == VALUES


@pytest.mark.slow
@pytest.mark.usefixtures("rough")
def test_the_block_of_add_canary_gets_them(chart: Callable[[str], Path]) -> None:
    folder = chart("jenkins-x")
    assert chartgen("add-canary", str(folder)).returncode == 0
    before = (folder / "values.yaml").read_text()
    diff = chartgen(*SEARCHED, str(folder), "--diff").stdout
    assert (folder / "values.yaml").read_text() == before
    done = chartgen(*SEARCHED, str(folder), "--write")
    assert done.returncode == 0, done.stderr
    lines = changed_lines(before, (folder / "values.yaml").read_text())
    assert lines
    assert lines == [line for line in diff.splitlines() if line[:1] in "+-" and line[:3] not in {"+++", "---"}]
    assert "suggested values:\n  canary:\n    canaryAnalysis:\n      interval: " in done.stdout
    removed = [line for line in lines if line.startswith("-    ")]
    assert "-    maxWeight: 50" in removed, "the search found other weights"
    assert "-    # canary increment step" in removed
    assert "canary increment step" not in (folder / "values.yaml").read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("plan", "canary.yaml", "--write"), "--write requires --suggest"),
        (("plan", "canary.yaml", "--suggest", "--detect", "2%:95%"), "--suggest requires the traffic"),
        (("plan", "canary.yaml", "--suggest", "--rps", "3"), "--suggest requires --detect"),
        ((*SEARCHED, "canary.yaml", "--scenario", "fail@0"), "--suggest can't be combined with --scenario"),
        ((*SEARCHED, "canary.yaml", "--format", "html"), "--suggest has no format html"),
        ((*SEARCHED, "-", "--write"), "standard input can't be changed"),
        ((*SEARCHED, "canary.yaml", "--traffic", "canary.yaml"), "--traffic can't be combined with --rps"),
        (("plan", "canary.yaml", "--traffic", "canary.yaml"), "canary.yaml:2: 1 column instead of 2"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments: tuple[str, ...], message: str, manifest: Path) -> None:
    done = chartgen(*arguments)
    assert done.returncode == 2
    assert message in done.stderr
    assert "help: " in done.stderr
    assert manifest.read_text() == MANIFEST


@pytest.mark.slow
@pytest.mark.usefixtures("rough")
def test_without_a_setting_the_exit_code_is_1_and_nothing_is_written(manifest: Path) -> None:
    few = ("--rps", "0.05", "--detect", "2%:95%", "--max-duration", "30m", "--no-config")
    done = chartgen("plan", "canary.yaml", "--suggest", *few, "--write")
    assert done.returncode == 1
    assert "no canary by weight can see 2 % in 30 min" in done.stdout
    assert "generate load" in done.stdout
    assert manifest.read_text() == MANIFEST


@pytest.mark.slow
@pytest.mark.usefixtures("rough")
def test_the_planned_namespace_is_not_another_release(chart: Callable[[str], Path]) -> None:
    """It is rendered several times, with the optional parts of the canary on and off."""
    folder = chart("jenkins-x")
    assert chartgen("add-canary", str(folder)).returncode == 0
    for options in (("--write", "--diff"), ("--write",)):
        done = chartgen(*SEARCHED, str(folder), *options)
        assert done.returncode == 0, done.stderr
        assert "other releases" not in done.stderr


@pytest.mark.slow
@pytest.mark.usefixtures("rough")
def test_each_other_namespace_of_the_gate_is_named(chart: Callable[[str], Path]) -> None:
    folder = chart("jenkins-x")
    added = ("add-canary", str(folder), "--namespace", "one", "--namespace", "two", "--namespace", "three")
    assert chartgen(*added).returncode == 0
    done = chartgen(*SEARCHED, str(folder), "--namespace", "two", "--diff")
    assert "this would change other releases of the chart, too: namespace one; namespace three" in done.stderr
