"""remove-canary: the chart's own bytes again, what it refuses, and what it tells before."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from chartgen.canary.slots import FIRST
from tests.canary.small_charts import DEPLOYMENT, SERVICE, added, small_chart
from tests.conftest import CHARTS, LONG_RUN, OPTIONS
from tests.running import chartgen

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CANARY, HELPERS = FIRST.files
NAMES = sorted(path.name for path in CHARTS.iterdir() if path.is_dir())
STRICT = json.dumps({"type": "object", "additionalProperties": False, "properties": {"a": {}}})


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def removed(folder: Path, *options: str) -> str:
    """Run remove-canary, which must succeed and have nothing to do the second time; returns its stderr."""
    done = chartgen("remove-canary", str(folder), *options)
    assert done.returncode == 0, done.stderr
    again = chartgen("remove-canary", str(folder))
    assert again.stdout == "nothing to do: the chart has no canary that chartgen added\n"
    assert again.returncode == 0
    return done.stderr


def refused(folder: Path, *options: str) -> str:
    before = files_of(folder)
    done = chartgen("remove-canary", str(folder), *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert files_of(folder) == before
    return done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_every_fixture_chart_is_restored(name: str, chart: Callable[[str], Path]) -> None:
    folder = chart(name)
    before = files_of(folder)
    assert chartgen("add-canary", str(folder), *OPTIONS.get(name, [])).returncode == 0
    removed(folder)
    assert files_of(folder) == before


@pytest.mark.parametrize(
    "values", [None, "", "{}\n", "# none\n", "a: 1\n\n\n", "a: 1", "a: |\n  text\n\n", "a: 1\n...\n", "\ufeffa: 1\n"]
)
def test_every_kind_of_values_is_restored(tmp_path: Path, values: str | None) -> None:
    folder = small_chart(tmp_path, {"values.yaml": values, "values.schema.json": STRICT})
    before = files_of(folder)
    added(folder)
    removed(folder)
    assert files_of(folder) == before


@pytest.mark.parametrize("option", ["--keep-service", "--keep-replicas", "--any-namespace"])
def test_whatever_add_canary_wrote_is_removed(tmp_path: Path, option: str) -> None:
    folder = small_chart(tmp_path)
    before = files_of(folder)
    added(folder, option, "--toggle", "enabled", "--api-version", "v1alpha3")
    removed(folder)
    assert files_of(folder) == before


def test_the_steps_on_a_live_release_come_first(tmp_path: Path) -> None:
    folder = small_chart(tmp_path)
    added(folder, "--namespace", "prod")
    lines = removed(folder, "--release-name", "blue").splitlines()
    assert lines[0].startswith("WARNING: where a release with the Canary shop is live, the next helm upgrade deletes")
    assert lines[1] == (
        '  1. kubectl patch canary/shop --namespace prod --type=merge --patch=\'{"spec":{"suspend":true}}\''
    )
    assert lines[4] == f"  4. helm upgrade blue {folder} --namespace prod   (with Helm 4, add --force-conflicts)"
    assert lines[-1].startswith("Removed the canary shop. Compared ")


def test_a_daemonset_has_steps_of_its_own(tmp_path: Path) -> None:
    daemons = DEPLOYMENT.replace("Deployment", "DaemonSet").replace("  replicas: 2\n", "")
    folder = small_chart(tmp_path, {"templates/deployment.yaml": daemons})
    added(folder)
    told = removed(folder)
    assert "switch the canary off, and wait until the pods of the DaemonSet shop are ready" in told
    assert "--replicas" not in told


def test_a_chart_without_a_canary_has_nothing_to_do(tmp_path: Path) -> None:
    done = chartgen("remove-canary", str(small_chart(tmp_path)), "--check")
    assert (done.returncode, done.stdout) == (0, "nothing to do: the chart has no canary that chartgen added\n")


def test_a_canary_made_by_hand_stays(tmp_path: Path) -> None:
    canary = "apiVersion: flagger.app/v1beta1\nkind: Canary\nmetadata:\n  name: shop\n"
    told = refused(small_chart(tmp_path, {CANARY: canary}))
    assert "the chart's Canary wasn't added by chartgen" in told
    assert f"chartgen migrate --adopt {tmp_path}" in told


def test_an_edited_template_is_deleted_with_force_only(tmp_path: Path) -> None:
    folder = small_chart(tmp_path)
    before = files_of(folder)
    added(folder)
    for path in (CANARY, HELPERS):
        (folder / path).write_text((folder / path).read_text() + "{{/* ours */}}\n")
    told = refused(folder)
    assert told.startswith("error: 2 problems prevent removing the canary:\n")
    assert f"{CANARY} was edited after chartgen created it" in told
    assert "run with --force" in told
    assert f"note: {CANARY} was edited after chartgen created it; it is deleted with the edits" in removed(
        folder, "--force"
    )
    assert files_of(folder) == before


def test_lines_edited_by_hand_are_named(tmp_path: Path) -> None:
    folder = small_chart(tmp_path)
    added(folder)
    service = folder / "templates/service.yaml"
    service.write_text(service.read_text().replace("{{- include", "{{ include"))
    told = refused(folder, "--force")
    assert (
        "templates/service.yaml:1 uses shop.canary.chart-service, but not in the lines that add-canary writes" in told
    )


def test_changed_settings_are_named_and_in_the_diff(tmp_path: Path) -> None:
    folder = small_chart(tmp_path)
    added(folder)
    values = folder / "values.yaml"
    values.write_text(values.read_text().replace("threshold: 5", "threshold: 2\n    primaryReadyThreshold: 50"))
    done = chartgen("remove-canary", str(folder), "--diff")
    assert "-    threshold: 2\n-    primaryReadyThreshold: 50\n" in done.stdout
    assert (
        "settings other than add-canary's defaults: canary.canaryAnalysis.primaryReadyThreshold,"
        " canary.canaryAnalysis.threshold\n" in done.stderr
    )


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--host", "a.example.com"], "canary.service.hosts"),
        (["--host", "*"], "canary.service.hosts"),
        (["--host", "a.example.com", "--gateway", "a/b"], "canary.service.gateways, canary.service.hosts"),
        (["--provider", "kubernetes"], "canary.provider"),
        (["--provider", "linkerd"], "canary.provider"),
        (["--provider", "gatewayapi", "--gateway", "a/b"], "canary.provider, canary.service.gatewayRefs"),
        (["--provider", "appmesh", "--mesh-name", "m"], "canary.provider, canary.service.meshName"),
        ([], ""),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_add_canary_writes_by_itself_is_no_changed_setting(options: list[str], named: str, tmp_path: Path) -> None:
    folder = small_chart(tmp_path)
    added(folder, *options)
    told = chartgen("remove-canary", str(folder), "--check").stderr
    found = told.partition("settings other than add-canary's defaults: ")[2].splitlines()
    assert found[:1] == ([named] if named else [])


def test_templates_that_read_the_values_keep_them(tmp_path: Path) -> None:
    reader = "kind: ConfigMap\napiVersion: v1\nmetadata:\n  name: {{ .Values.canary.canaryAnalysis.interval }}\n"
    folder = small_chart(tmp_path)
    added(folder)
    (folder / "templates/reader.yaml").write_text(reader)
    told = refused(folder)
    assert told.startswith("error: without the canary, Helm can't render the chart (release release-name, canary off):")
    assert "templates/reader.yaml" in told


def test_values_added_below_the_block_stay(tmp_path: Path) -> None:
    folder = small_chart(tmp_path, {"values.yaml": "a: 1\n"})
    added(folder)
    with (folder / "values.yaml").open("a") as file:
        file.write("\nb: 2\n")
    removed(folder)
    assert (folder / "values.yaml").read_text() == "a: 1\n\nb: 2\n"


def test_what_is_left_of_a_canary_removed_by_hand_is_removed(tmp_path: Path) -> None:
    folder = small_chart(tmp_path)
    before = files_of(folder)
    added(folder)
    (folder / CANARY).unlink()
    (folder / HELPERS).unlink()
    assert "nothing was compared" in removed(folder)
    assert files_of(folder) == before


@pytest.mark.parametrize("strict", [False, True])
def test_other_values_files_are_named(tmp_path: Path, *, strict: bool) -> None:
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    schema = {"values.schema.json": STRICT} if strict else {}
    folder = small_chart(tmp_path / "charts/shop", {"values.yaml": "a: 1\n", ".helmignore": "ci/\n", **schema})
    others = {
        "charts/shop/values-prod.yaml": "canary: {enable: false}\n",
        "charts/shop/ci/full-values.yaml": "canary:\n  enable: true\n",
        "charts/preview/values.yaml": "preview:\n  canary:\n    enable: false\n",
        "charts/preview/requirements.yaml": "dependencies:\n- name: shop\n  alias: preview\n",
        "charts/preview/Chart.yaml": "apiVersion: v1\nname: preview\nversion: 1.0.0\n",
        "env/values.yaml": "shop:\n  canary:\n    service: {}\n",
        "env/broken-values.yaml": "canary: [\n",
        "charts/other/values.yaml": "canary:\n  enable: true\n",
        "charts/other/Chart.yaml": "apiVersion: v1\nname: other\nversion: 1.0.0\n",
        "env/other-values.yaml": "other:\n  canary: {}\n",
    }
    for path, text in others.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    added(folder)
    done = json.loads(chartgen("remove-canary", str(folder), "--format", "json").stdout)
    found = {other["path"].rpartition(str(tmp_path.name) + "/")[2]: other["keys"] for other in done["other_values"]}
    assert found == {
        "charts/shop/values-prod.yaml": ["canary.enable"],
        "charts/shop/ci/full-values.yaml": ["canary.enable"],
        "charts/preview/values.yaml": ["preview.canary.enable"],
        "env/values.yaml": ["shop.canary.service"],
    }
    told = [line for line in done["notes"] if "still sets" in line]
    assert all(line.startswith("WARNING") == strict for line in told)


def test_json_names_everything(tmp_path: Path) -> None:
    folder = small_chart(tmp_path)
    added(folder)
    done = chartgen("remove-canary", str(folder), "--check", "--format", "json")
    result = json.loads(done.stdout)
    assert (done.returncode, done.stderr, result["written"]) == (1, "", False)
    assert result["changes"] == [
        {"path": HELPERS, "action": "delete"},
        {"path": CANARY, "action": "delete"},
        {"path": "templates/deployment.yaml", "action": "change"},
        {"path": "templates/service.yaml", "action": "change"},
        {"path": "values.yaml", "action": "change"},
    ]
    assert result["canaries"] == ["shop"]
    assert result["renderings"] > 4


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    folder = small_chart(tmp_path)
    added(folder)
    before = files_of(folder)
    done = chartgen("remove-canary", str(folder), "--check")
    assert (done.returncode, done.stdout.splitlines()[0]) == (1, f"would delete {HELPERS}")
    assert files_of(folder) == before


def test_a_packaged_chart_is_refused(tmp_path: Path) -> None:
    folder = small_chart(tmp_path / "shop")
    added(folder)
    archive = tmp_path / "shop-1.0.0.tgz"
    subprocess.run(["tar", "-czf", str(archive), "-C", str(tmp_path), "shop"], check=True)
    done = chartgen("remove-canary", str(archive))
    assert done.returncode == 2
    assert "can't change a packaged chart" in done.stderr


@pytest.mark.slow
def test_real_charts_are_restored(shared: Path, tmp_path: Path) -> None:
    """A sample; bench/real_charts.py does all of them."""
    import tarfile

    with tarfile.open(shared / "charts/charts.tar.gz") as archive:
        archive.extractall(tmp_path, filter="data")
    index = json.loads((shared / "charts/index.json").read_text())
    restored = 0
    for entry in [each for each in index if each["renders"] and each.get("single_deployment_app")][
        :: 6 if LONG_RUN else 24
    ]:
        folder = tmp_path / entry["dir"]
        before = files_of(folder)
        if chartgen("add-canary", str(folder)).returncode == 0:
            removed(folder)
            assert files_of(folder) == before, entry["id"]
            restored += 1
    assert restored > (3 if LONG_RUN else 0)


@pytest.fixture
def two_canaries(tmp_path: Path) -> tuple[Path, list[dict[str, bytes]]]:
    """A chart with a Canary for each of its workloads, and its files before, after the first, and after both."""
    worker, service = (text.replace("shop", "worker") for text in (DEPLOYMENT, SERVICE))
    extra = {"templates/worker.yaml": f"{worker}---\n{service}", "values.schema.json": STRICT}
    folder = small_chart(tmp_path, {"values.yaml": "a: 1\n", **extra})
    states = [files_of(folder)]
    for target in ("shop", "worker"):
        assert chartgen("add-canary", str(folder), "--target", target).returncode == 0
        states.append(files_of(folder))
    return folder, states


def test_all_canaries_are_removed(two_canaries: tuple[Path, list[dict[str, bytes]]]) -> None:
    folder, states = two_canaries
    assert "Removed the canary shop and worker." in removed(folder)
    assert files_of(folder) == states[0]


def test_one_canary_of_several_is_removed(two_canaries: tuple[Path, list[dict[str, bytes]]]) -> None:
    folder, states = two_canaries
    told = chartgen("remove-canary", str(folder), "--target", "worker").stderr
    assert "canary/worker" in told
    assert "canary/shop" not in told
    assert files_of(folder) == states[1]
    removed(folder, "--target", "shop")
    assert files_of(folder) == states[0]


def test_the_first_of_several_canaries_is_removed(two_canaries: tuple[Path, list[dict[str, bytes]]]) -> None:
    folder, states = two_canaries
    assert chartgen("remove-canary", str(folder), "--target", "shop").returncode == 0
    assert chartgen("lint", str(folder), "--fail-on", "error").returncode == 0
    removed(folder)
    assert files_of(folder) == states[0]


def test_a_target_without_a_canary_is_refused(two_canaries: tuple[Path, list[dict[str, bytes]]]) -> None:
    told = refused(two_canaries[0], "--target", "other")
    assert told == "error: --target other: chartgen added no canary for it\nhelp: choose one of shop, worker\n"
