"""What add-canary rejects: it exits 2, reports every problem at once, and writes nothing."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.canary.test_whole_charts import files_of
from tests.lint.charts import DEPLOYMENT
from tests.running import chartgen

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

OPTIONS = [
    (["--target", "nope"], "--target nope"),
    (["--step-weight", "70"], "--step-weight 70 is above --max-weight 50"),
    (["--max-weight", "101"], "--max-weight must be between 1 and 100 percent, not 101"),
    (["--step-weight", "0"], "--step-weight must be between 1 and 100 percent, not 0"),
    (["--step-weights", "10,5"], "--step-weights must be ascending"),
    (["--step-weights", "10,101"], "--step-weights must be between 1 and 100 percent each"),
    (["--step-weights", "10,x"], "--step-weights: 'x' is not a whole number"),
    (["--step-weights", "1,5", "--max-weight", "50"], "can't be combined"),
    (["--provider", "kubernetes", "--max-weight", "50"], "--provider kubernetes doesn't shift weights"),
    (["--interval", "5s"], "below 10s: Flagger silently raises it to 10s. Write --interval 10s"),
    (["--interval", "1h"], "is not a duration Flagger accepts. Use seconds or minutes"),
    (["--interval", "5min"], "is not a duration Flagger accepts. Use seconds or minutes"),
    (["--interval", "90"], "is not a duration Flagger accepts. Use seconds or minutes"),
    (["--threshold", "0"], "--threshold must be at least 1, not 0"),
    (["--progress-deadline", "0"], "--progress-deadline must be at least 1 second, not 0"),
    (["--namespace", "Prod"], "--namespace 'Prod'"),
    (["--namespace", "prod", "--any-namespace"], "can't be combined"),
    (["--host", "a b"], "--host 'a b'"),
    (["--host", "*", "--gateway", "mesh"], "wildcard host"),
    (["--provider", "nginx"], "renders no Ingress with the backend release-name-shop"),
    (["--provider", "knative"], "Deployment release-name-shop can't be the target of provider knative"),
    (["--provider", "gatewayapi:v1"], "Add --gateway NAMESPACE/NAME"),
    (["--provider", "itsio"], "--provider 'itsio' is unknown. Choose one of apisix, appmesh"),
    (["--provider", "linkerd", "--api-version", "v1alpha2"], "--provider linkerd needs --api-version v1beta1"),
    (["--api-version", "v1alpha2", "--step-weights", "1,5"], "needs --api-version v1beta1"),
    (["--set", "replicaCount"], "--set replicaCount"),
    (["-f", "absent.yaml"], "absent.yaml"),
]


@pytest.mark.parametrize(("options", "message"), OPTIONS, ids=[" ".join(options) for options, _ in OPTIONS])
def test_invalid_options(options: list[str], message: str, chart: Callable[[str], Path]) -> None:
    folder = chart("helm-create")
    before = files_of(folder)
    done = chartgen("add-canary", str(folder), *options)
    assert done.returncode == 2
    assert message in done.stderr
    assert "help: " in done.stderr
    assert files_of(folder) == before


def test_all_invalid_options_are_reported_at_once(chart: Callable[[str], Path]) -> None:
    done = chartgen("add-canary", str(chart("helm-create")), "--interval", "1h", "--namespace", "X", "--threshold", "0")
    assert done.stderr == (
        "error: 3 invalid options:\n"
        "  - --interval '1h' is not a duration Flagger accepts. Use seconds or minutes: 60s or 5m\n"
        "  - --threshold must be at least 1, not 0\n"
        "  - --namespace 'X' is not a valid Kubernetes namespace. Use lowercase letters, digits, and '-', at most 63"
        " characters\n"
        "help: nothing was written; `chartgen add-canary --help` lists the options\n"
    )


def refused(folder: Path, *messages: str) -> None:
    before = files_of(folder)
    done = chartgen("add-canary", str(folder))
    assert done.returncode == 2, done.stdout
    for message in messages:
        assert message in done.stderr
    assert files_of(folder) == before


def test_all_conflicts_are_reported_at_once(chart: Callable[[str], Path]) -> None:
    folder = chart("helm-create")
    (folder / "values.yaml").write_text((folder / "values.yaml").read_text() + "\ncanary: {}\n")
    (folder / "templates" / "canary.yaml").write_text(
        "apiVersion: flagger.app/v1beta1\nkind: Canary\nmetadata:\n  name: own\n"
    )
    (folder / "templates" / "route.yaml").write_text(
        "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata:\n"
        '  name: {{ include "shop.fullname" . }}\nspec:\n  hosts: [shop]\n'
    )
    refused(
        folder,
        "error: 4 problems prevent adding the canary:\n"
        "  - templates/canary.yaml already exists and wasn't created by chartgen. Adopt it: chartgen migrate"
        f" {folder}\n"
        "  - values.yaml already has a top-level key `canary`. Rename or remove it\n"
        f"  - templates/canary.yaml already renders the Canary own. Adopt it: chartgen migrate {folder}\n"
        "  - templates/route.yaml: VirtualService release-name-shop routes traffic to release-name-shop, and so would"
        " Flagger. Remove it\n"
        "help: nothing was written; resolve this and run `chartgen add-canary` again\n",
    )


def test_several_workloads_need_a_target(chart: Callable[[str], Path]) -> None:
    refused(chart("two-deployments"), "release-name-web, release-name-worker", "--target NAME")


def test_a_chart_without_a_workload(chart: Callable[[str], Path]) -> None:
    folder = chart("empty-values")
    (folder / "templates" / "deployment.yaml").unlink()
    refused(folder, "renders no Deployment or DaemonSet")


def test_a_subcharts_workload_is_not_the_charts_own(chart: Callable[[str], Path]) -> None:
    folder = chart("umbrella")
    (folder / "templates" / "front.yaml").unlink()
    refused(folder, "the chart has no Deployment or DaemonSet of its own", "is part of its subchart cache")


def test_a_library_chart(chart: Callable[[str], Path]) -> None:
    folder = chart("empty-values")
    with (folder / "Chart.yaml").open("a") as file:
        file.write("type: library\n")
    refused(folder, "library chart")


def test_an_unresolved_dependency(chart: Callable[[str], Path]) -> None:
    folder = chart("umbrella")
    shutil.rmtree(folder / "charts")
    refused(folder, "the dependency cache is not in charts/", "helm dependency build")


def test_a_template_error_is_reported_with_its_line(chart: Callable[[str], Path]) -> None:
    folder = chart("empty-values")
    template = folder / "templates" / "service.yaml"
    template.write_text(template.read_text() + '{{ fail "not today" }}\n')
    refused(folder, "templates/service.yaml:14", "not today")


def test_a_canary_edited_by_hand_is_never_overwritten(chart: Callable[[str], Path]) -> None:
    folder = chart("empty-values")
    assert chartgen("add-canary", str(folder)).returncode == 0
    with (folder / "templates" / "canary.yaml").open("a") as file:
        file.write("# mine\n")
    refused(
        folder,
        "templates/canary.yaml was edited after chartgen created it. Move it away, and chartgen creates it again",
    )


@pytest.mark.parametrize("moved", [["canary.yaml"], ["_canary.tpl"], ["canary.yaml", "_canary.tpl"]], ids="+".join)
@pytest.mark.parametrize("toggle", ["enable", "enabled"])
def test_a_template_that_is_moved_away_is_created_again(
    moved: list[str], toggle: str, chart: Callable[[str], Path]
) -> None:
    folder = chart("empty-values")
    assert chartgen("add-canary", str(folder), "--toggle", toggle).returncode == 0
    before = files_of(folder)
    for name in moved:
        (folder / "templates" / name).unlink()
    done = chartgen("add-canary", str(folder), "--toggle", toggle)
    assert done.returncode == 0, done.stderr
    assert sorted(done.stdout.splitlines()) == sorted(f"create templates/{name}" for name in moved)
    assert files_of(folder) == before


def test_a_canary_without_traces_in_the_chart_is_recreated_with_its_values(chart: Callable[[str], Path]) -> None:
    folder = chart("empty-values")
    values = (folder / "values.yaml").read_bytes()
    options = ("--keep-service", "--keep-replicas", "--api-version", "v1alpha2")
    assert chartgen("add-canary", str(folder), *options).returncode == 0
    before = files_of(folder)
    assert "templates/_canary.tpl" not in before
    with (folder / "templates" / "canary.yaml").open("a") as file:
        file.write("# mine\n")
    refused(folder, "Move it and the `canary` block of values.yaml away, and chartgen creates both again")
    (folder / "templates" / "canary.yaml").unlink()
    (folder / "values.yaml").write_bytes(values)
    assert chartgen("add-canary", str(folder), *options).returncode == 0
    assert files_of(folder) == before


def test_a_chart_that_prints_all_its_values_is_rejected_with_the_difference(chart: Callable[[str], Path]) -> None:
    folder = chart("empty-values")
    (folder / "templates" / "dump.yaml").write_text(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: dump\ndata:\n  values: {{ toJson .Values | quote }}\n"
    )
    refused(
        folder,
        "can't add the canary without changing something else: empty/templates/dump.yaml would change",
        "--- before",
        "+++ after",
        "canaryAnalysis",
        "leave out `canary` there",
    )


@pytest.mark.parametrize("path", ["absent", "."])
def test_no_chart_there(path: str, tmp_path: Path) -> None:
    done = chartgen("add-canary", str(tmp_path / path))
    assert done.returncode == 2
    assert "help: " in done.stderr


def test_annotations_that_are_not_strings(tmp_path: Path) -> None:
    folder = chart_with(tmp_path, 'metadata: {name: web, annotations: {b: 1e3, a: 010, c: yes, d: ~, e: "1"}}')
    done = chartgen("add-canary", str(folder))
    assert done.returncode == 2
    assert done.stderr == (
        "error: 3 fields of the Service are invalid:\n"
        "  - metadata.annotations.a of Service web is 8, not a string: the API server rejects it\n"
        "  - metadata.annotations.b of Service web is 1000, not a string: the API server rejects it\n"
        "  - metadata.annotations.c of Service web is true, not a string: the API server rejects it\n"
        "help: nothing was written. Quote the values in web/templates/service.yaml\n"
    )


def chart_with(folder: Path, metadata: str) -> Path:
    """A chart whose Service has this metadata."""
    (folder / "templates").mkdir()
    (folder / "Chart.yaml").write_text("apiVersion: v2\nname: web\nversion: 0.1.0\n")
    (folder / "values.yaml").write_text("{}\n")
    (folder / "templates" / "deployment.yaml").write_text(DEPLOYMENT)
    service = "spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: 8080}]}"
    (folder / "templates" / "service.yaml").write_text(f"apiVersion: v1\nkind: Service\n{metadata}\n{service}\n")
    return folder
