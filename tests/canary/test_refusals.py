"""What add-canary refuses: exit 2, everything that is in the way at once, and not one byte written."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.canary.test_whole_charts import files_of
from tests.running import chartgen

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

OPTIONS = [
    (["--target", "nope"], "--target nope"),
    (["--step-weight", "70"], "--step-weight 70 is above --max-weight 50"),
    (["--max-weight", "101"], "--max-weight 101 is not between 1 and 100"),
    (["--step-weight", "0"], "--step-weight 0 is not between"),
    (["--step-weights", "10,5"], "--step-weights must rise"),
    (["--step-weights", "10,x"], "no list of whole percentages"),
    (["--step-weights", "1,5", "--max-weight", "50"], "cannot be combined"),
    (["--interval", "5s"], "below 10s"),
    (["--interval", "1h"], "no duration Flagger reads"),
    (["--interval", "5min"], "no duration Flagger reads"),
    (["--interval", "90"], "no duration Flagger reads"),
    (["--threshold", "0"], "--threshold 0"),
    (["--progress-deadline", "0"], "--progress-deadline 0"),
    (["--namespace", "Prod"], "--namespace 'Prod'"),
    (["--namespace", "prod", "--any-namespace"], "exclude each other"),
    (["--host", "a b"], "--host 'a b'"),
    (["--host", "*", "--gateway", "mesh"], "wildcard host"),
    (["--provider", "nginx"], "needs ingressRef"),
    (["--provider", "gatewayapi:v1"], "needs gatewayRefs"),
    (["--provider", "itsio"], "'itsio' is unknown"),
    (["--toggle", "on"], "--toggle 'on'"),
    (["--api-version", "v1"], "--api-version 'v1'"),
    (["--api-version", "v1alpha2", "--step-weights", "1,5"], "needs --api-version v1beta1"),
    (["--format", "xml"], "--format 'xml'"),
    (["--set", "replicaCount"], "--set replicaCount"),
    (["-f", "absent.yaml"], "absent.yaml"),
]


@pytest.mark.parametrize(("options", "told"), OPTIONS, ids=[" ".join(options) for options, _ in OPTIONS])
def test_options_that_cannot_be_meant(options: list[str], told: str, chart: Callable[[str], Path]) -> None:
    folder = chart("helm-create")
    before = files_of(folder)
    done = chartgen("add-canary", str(folder), *options)
    assert done.returncode == 2
    assert told in done.stderr
    assert "help: " in done.stderr or "--help" in done.stderr or options[0] == "--format"
    assert files_of(folder) == before


def test_all_faults_of_the_options_are_told_at_once(chart: Callable[[str], Path]) -> None:
    done = chartgen("add-canary", str(chart("helm-create")), "--interval", "1h", "--namespace", "X", "--threshold", "0")
    assert [word in done.stderr for word in ("1h", "'X'", "--threshold 0")] == [True] * 3


def refused(folder: Path, *told: str) -> None:
    before = files_of(folder)
    done = chartgen("add-canary", str(folder))
    assert done.returncode == 2, done.stdout
    for words in told:
        assert words in done.stderr
    assert files_of(folder) == before


def test_everything_in_the_way_is_told_at_once(chart: Callable[[str], Path]) -> None:
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
        "templates/canary.yaml: there is such a file already",
        "values.yaml: there is a top-level key canary",
        "templates/canary.yaml: the chart renders a Canary already",
        "templates/route.yaml: VirtualService",
    )


def test_several_workloads_need_a_target(chart: Callable[[str], Path]) -> None:
    refused(chart("two-deployments"), "release-name-web, release-name-worker", "--target NAME")


def test_a_workload_named_inside_range_is_refused_saying_so(chart: Callable[[str], Path]) -> None:
    folder = chart("range-names")
    before = files_of(folder)
    done = chartgen("add-canary", str(folder), "--target", "front")
    assert done.returncode == 2
    assert "it stands inside `{{ range $name, $component := .Values.components }}`" in done.stderr
    assert files_of(folder) == before


def test_a_chart_without_workload(chart: Callable[[str], Path]) -> None:
    folder = chart("empty-values")
    (folder / "templates" / "deployment.yaml").unlink()
    refused(folder, "renders no Deployment or DaemonSet")


def test_a_subcharts_workload_is_not_the_charts_own(chart: Callable[[str], Path]) -> None:
    folder = chart("umbrella")
    (folder / "templates" / "front.yaml").unlink()
    refused(folder, "comes from its subchart cache")


def test_a_library_chart(chart: Callable[[str], Path]) -> None:
    folder = chart("empty-values")
    with (folder / "Chart.yaml").open("a") as file:
        file.write("type: library\n")
    refused(folder, "library chart")


def test_an_unresolved_dependency(chart: Callable[[str], Path]) -> None:
    folder = chart("umbrella")
    shutil.rmtree(folder / "charts")
    refused(folder, "the dependency cache is not in charts/", "helm dependency build")


def test_a_template_error_is_told_with_its_place(chart: Callable[[str], Path]) -> None:
    folder = chart("empty-values")
    template = folder / "templates" / "service.yaml"
    template.write_text(template.read_text() + '{{ fail "not today" }}\n')
    refused(folder, "templates/service.yaml:14", "not today")


def test_a_canary_edited_by_hand_is_never_overwritten(chart: Callable[[str], Path]) -> None:
    folder = chart("empty-values")
    assert chartgen("add-canary", str(folder)).returncode == 0
    with (folder / "templates" / "canary.yaml").open("a") as file:
        file.write("# mine\n")
    refused(folder, "templates/canary.yaml: made by chartgen and edited since")


def test_a_chart_that_prints_all_its_values_is_refused_with_the_difference(chart: Callable[[str], Path]) -> None:
    folder = chart("empty-values")
    (folder / "templates" / "dump.yaml").write_text(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: dump\ndata:\n  values: {{ toJson .Values | quote }}\n"
    )
    refused(folder, "--- as it was", "+++ as it would be", "canaryAnalysis")


@pytest.mark.parametrize("path", ["absent", "."])
def test_no_chart_there(path: str, tmp_path: Path) -> None:
    done = chartgen("add-canary", str(tmp_path / path))
    assert done.returncode == 2
    assert "help: " in done.stderr
