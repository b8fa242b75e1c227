"""Canaries for several targets of one chart: each has files and a key of values.yaml of its own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.canary.small_charts import DEPLOYMENT, SERVICE, refused, small_chart
from tests.canary.test_whole_charts import files_of
from tests.running import chartgen

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

NAMES = ("shop", "till", "store-room")
NOTHING = "nothing to do: the chart already has "


def workload(name: str) -> str:
    both = f"{DEPLOYMENT}---\n{SERVICE}".replace("shop", name)
    return both.replace("example.com/" + name, "example.com/shop").replace(
        "replicas: 2", "replicas: {{ .Values.count }}"
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files: dict[str, str | None] = {"templates/deployment.yaml": None, "templates/service.yaml": None}
    files["values.yaml"] = "count: 2\n"
    files["templates/all.yaml"] = "---\n".join(workload(name) for name in NAMES[:2])
    files["templates/room.yaml"] = f"{{{{- if .Values.count }}}}\n{workload(NAMES[2])}{{{{- end }}}}\n"
    files["templates/worker.yaml"] = DEPLOYMENT.replace("shop", "worker")
    return small_chart(tmp_path, files)


def run(folder: Path, *options: str) -> str:
    done = chartgen("add-canary", str(folder), *options)
    assert done.returncode == 0, done.stderr
    return done.stdout


def canaries(folder: Path, *options: str) -> dict[str, Any]:
    done = chartgen("emit", str(folder), "--format", "json", *options)
    assert done.returncode == 0, done.stderr
    read = json.loads(done.stdout)
    return {each["metadata"]["name"]: each["spec"] for each in read.get("items", [read])}


OWN_CANARY = """apiVersion: flagger.app/v1beta1
kind: Canary
metadata: {name: NAME}
spec:
  targetRef: {apiVersion: apps/v1, kind: Deployment, name: NAME}
  service: {port: 80}
  analysis: {interval: 1m, threshold: 5, iterations: 5}
"""
SWITCHED = f"{{{{- if (.Values.canary).enabled }}}}\n{OWN_CANARY}{{{{- end }}}}\n"


@pytest.mark.parametrize("chosen", [["--target", "shop"], []], ids=["one of several", "the only one"])
@pytest.mark.parametrize(("own", "on"), [(OWN_CANARY, []), (SWITCHED, ["--set", "canary.enabled=true"])])
def test_the_place_of_the_charts_own_canary_of_another_workload_is_left_to_it(
    own: str, on: list[str], chosen: list[str], folder: Path, tmp_path: Path
) -> None:
    if not chosen:
        folder = small_chart(tmp_path / "one")
    (folder / "templates" / "canary.yaml").write_text(own.replace("NAME", "worker"))
    before = files_of(folder)
    run(folder, *chosen)
    added = set(files_of(folder)) - set(before)
    assert added == {"templates/canary-shop.yaml", "templates/_canary-shop.tpl"}
    assert "canaryShop:\n" in (folder / "values.yaml").read_text()
    assert set(canaries(folder, *on)) == ({"shop", "worker"} if own is OWN_CANARY or on else {"shop"})
    assert run(folder, *chosen).startswith(NOTHING)
    run(folder, "--interval", "30s")
    assert canaries(folder)["shop"]["analysis"]["interval"] == "30s"
    assert chartgen("remove-canary", str(folder)).returncode == 0
    assert files_of(folder) == before


@pytest.mark.parametrize(
    ("own", "problem"),
    [
        (OWN_CANARY.replace("NAME", "shop"), "templates/canary.yaml already renders the Canary shop"),
        (SWITCHED.replace("NAME", "shop"), "already exists and wasn't created by chartgen"),
        ("{{- if false }}\nkind: Canary\n{{- end }}\n", "templates/canary.yaml already exists and wasn't created"),
    ],
)
def test_a_file_that_may_have_the_canary_of_the_target_is_refused(own: str, problem: str, tmp_path: Path) -> None:
    folder = small_chart(tmp_path, {"templates/canary.yaml": own})
    for chosen in ([], ["--target", "shop"]):
        told = refused(folder, *chosen)
        assert problem in told
        assert "chartgen migrate" in told


def test_every_target_that_a_service_reaches(folder: Path) -> None:
    run(folder, "--all-targets")
    assert set(canaries(folder)) == set(NAMES)
    assert NOTHING + "these canaries" in run(folder, "--all-targets")
    assert NOTHING + "these canaries" in run(folder)
    off = chartgen("lint", str(folder), "--min-severity", "error")
    assert off.returncode == 0, off.stdout


def test_one_after_another_is_the_same_as_all_at_once(folder: Path, tmp_path: Path) -> None:
    run(folder, "--target", "shop")
    first = files_of(folder)
    assert "create templates/canary-till.yaml" in run(folder, "--target", "till")
    after = files_of(folder)
    assert {path: after[path] for path in ("templates/canary.yaml", "templates/_canary.tpl")} == {
        path: first[path] for path in ("templates/canary.yaml", "templates/_canary.tpl")
    }
    run(folder, "--target", "store-room")
    assert b"canary:" in after["values.yaml"]
    assert b"canaryStoreRoom:" in files_of(folder)["values.yaml"]
    assert set(canaries(folder)) == set(NAMES)
    assert NOTHING in run(folder, *(part for name in NAMES for part in ("--target", name)))


def test_an_option_changes_the_named_target_only(folder: Path) -> None:
    run(folder, "--target", "shop", "--target", "till")
    assert run(folder, "--target", "till", "--interval", "30s", "--namespace", "fair") == "change values.yaml\n"
    inside = ("--namespace", "fair"), ("--namespace", "jx-production")
    intervals = {
        name: spec["analysis"]["interval"] for each in inside for name, spec in canaries(folder, *each).items()
    }
    assert intervals == {"shop": "60s", "till": "30s"}
    assert run(folder, "--threshold", "3") == "change values.yaml\n"
    thresholds = {
        name: spec["analysis"]["threshold"] for each in inside for name, spec in canaries(folder, *each).items()
    }
    assert thresholds == {"shop": 3, "till": 3}


def test_each_switch_is_for_its_own_canary(folder: Path) -> None:
    run(folder, "--all-targets")
    assert set(canaries(folder, "--set", "canary.enable=false")) == {"store-room", "till"}
    assert set(canaries(folder, "--set", "canaryStoreRoom=null")) == {"shop", "till"}


def test_a_service_for_two_targets_is_refused(folder: Path) -> None:
    template = folder / "templates" / "all.yaml"
    text = template.read_text().replace("      labels:\n", "      labels:\n        all: x\n")
    text = text.replace("    app: shop\n  ports", "    all: x\n  ports")
    template.write_text(text.replace("kind: Service\nmetadata:\n  name: till", "kind: Else\nmetadata:\n  name: till"))
    before = files_of(folder)
    done = chartgen("add-canary", str(folder), "--target", "shop", "--target", "till")
    assert done.returncode == 2
    assert "selects the pods of till and of shop, and two Canaries can't serve it" in done.stderr
    assert files_of(folder) == before


def test_a_target_that_fails_stops_all(folder: Path) -> None:
    before = files_of(folder)
    done = chartgen("add-canary", str(folder), "--target", "shop", "--target", "nothing")
    assert (done.returncode, "--target nothing" in done.stderr) == (2, True)
    assert files_of(folder) == before
