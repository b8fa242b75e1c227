"""`chartgen preflight` on a real API server: a sound cluster, and one fault after the other, each mended as printed."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from chartgen.config.reading import read_config
from tests.e2e.plane import Plane
from tests.e2e.readiness import FAULTS, GATEWAY, HOST, Cluster, Fault
from tests.e2e.release import PRODUCTION
from tests.running import chartgen

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Pods of a mended Deployment become ready within moments, and Prometheus needs two scrapes.
_PATIENCE = 30.0


@pytest.fixture(scope="module")
def cluster(tools: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("readiness")
    with Plane(folder / "plane") as plane:
        cluster = Cluster(plane, folder / "work")
        cluster.build()
        wait_until_sound(cluster)
        yield cluster


def wait_until_sound(cluster: Cluster, *options: str, without: str = "") -> None:
    """Until nothing is found any more, or at least not `without`."""
    end = time.monotonic() + _PATIENCE
    while True:
        done = cluster.preflight(*options)
        left = [check for check in done.problems if without in {"", check["id"]}]
        if not left:
            return
        assert time.monotonic() < end, left
        time.sleep(1)


@pytest.mark.alone
def test_a_sound_cluster_has_no_problem(cluster: Cluster) -> None:
    done = cluster.preflight()
    assert (done.code, done.problems) == (0, [])
    assert done.canary["ready"] is True
    found = {check["id"]: check["message"] for check in done.of("ok")}
    assert found["flagger-crd"] == "belongs to Flagger 1.44.0"
    assert found["dns"] == "resolves to 192.0.2.10"
    assert found["gateway-host"] == f"admits {HOST}"
    assert found["metric"].endswith(", for the primary")
    # The exporter counts 50 requests a second.
    assert 0 < done.canary["rps"] < 70


@pytest.mark.alone
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_found_and_mended_as_printed(cluster: Cluster, fault: Fault) -> None:
    try:
        _found_and_mended(cluster, fault)
    except BaseException:
        # The next fault needs a sound cluster.
        cluster.repair()
        raise


def _found_and_mended(cluster: Cluster, fault: Fault) -> None:
    fault.make(cluster)
    broken = cluster.preflight(*fault.options)
    found = [check for check in broken.problems if check["id"] == fault.check]
    assert [check["status"] for check in found] == [fault.status], broken.problems
    if not fault.options:
        assert sorted(broken.ids) == sorted([fault.check, *fault.follow]), broken.problems
    assert broken.code == (fault.status == "blocker")
    cluster.shell(found[0]["command"])
    wait_until_sound(cluster, *fault.options, without=fault.check)
    fault.restore(cluster)
    wait_until_sound(cluster)


@pytest.mark.alone
def test_the_least_rights_are_enough_to_look_and_not_to_install(cluster: Cluster, tmp_path: Path) -> None:
    cluster.kubectl("create", "serviceaccount", "reader", "-n", "default")
    token = cluster.kubectl("create", "token", "reader", "-n", "default").strip()
    config = json.loads(cluster.plane.kubeconfig.read_text())
    config["users"][0]["user"] = {"token": token}
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(json.dumps(config))

    nothing = cluster.preflight(kubeconfig=kubeconfig)
    assert {check["status"] for check in nothing.problems} == {"skipped", "blocker"}
    grant = next(check["command"] for check in nothing.of("skipped") if check["command"])
    assert grant.startswith("chartgen preflight --rbac --subject system:serviceaccount:default:reader |")

    rights = chartgen("preflight", "--rbac", "--subject", "default:reader")
    cluster.apply(*json.loads(rights.stdout)["items"])
    reading = cluster.preflight(kubeconfig=kubeconfig)
    # Secrets aren't readable by name without a chart that names them.
    assert {check["id"] for check in reading.of("skipped")} == {"metric-template", "alert-provider"}
    (denied, *more) = [check for check in reading.of("blocker") if check["id"] == "rights"]
    assert denied["message"].startswith("you may not create, patch canaries in jx-production")
    for check in (denied, *more):
        cluster.shell(check["command"])
    assert "rights" not in cluster.preflight(kubeconfig=kubeconfig).ids
    cluster.kubectl("delete", "rolebindings,roles", "--all", "-n", PRODUCTION)


@pytest.mark.alone
def test_dumps_say_the_same_as_the_cluster(cluster: Cluster, tmp_path: Path) -> None:
    dumps = tmp_path / "dumps"
    dumps.mkdir()
    commands = chartgen("preflight", "--dump-commands", "--from", str(dumps))
    cluster.shell(commands.stdout)
    argv = ["preflight", str(cluster.chart), "--release-name", "ready", "-f", str(cluster.values), "--format", "json"]
    done = chartgen(*argv, "--from", str(dumps))
    assert done.returncode == 0, done.stdout
    (offline,) = json.loads(done.stdout)["canaries"]
    live = {(check["id"], check["status"], check["subject"]) for check in cluster.preflight().canary["checks"]}
    seen = {(check["id"], check["status"], check["subject"]) for check in offline["checks"]}
    asked = {"metric", "traffic", "rights"}
    assert {each for each in seen if each[0] not in asked} == {each for each in live if each[0] not in asked}
    assert {status for id_, status, _ in seen if id_ in asked} == {"skipped"}


@pytest.mark.alone
def test_the_configuration_that_lint_needs_is_written(cluster: Cluster, tmp_path: Path) -> None:
    file = tmp_path / "chartgen.yaml"
    file.write_text("fail-on: error   # ours\ncluster:\n  provider: linkerd # not any more\n")
    cluster.preflight("--write-config", str(file))
    text = file.read_text()
    assert text.startswith("fail-on: error   # ours\ncluster:\n")
    profile = read_config(file).cluster
    assert (profile.flagger, profile.provider) == ("1.44.0", "istio")
    assert profile.gateways == (f"{GATEWAY['metadata']['namespace']}/{GATEWAY['metadata']['name']}",)  # type: ignore[index]
    assert profile.metric_templates == ("monitoring/requests",)
    assert profile.alert_providers == ("flagger-system/on-call",)
    assert profile.injected_namespaces == (PRODUCTION,)
    # The plane's Prometheus scrapes by job; its global interval is the default.
    assert profile.scrape_seconds == 60
    cluster.preflight("--write-config", str(file))
    assert file.read_text() == text


@pytest.mark.alone
def test_an_api_server_that_is_away_is_one_line(cluster: Cluster, tmp_path: Path) -> None:
    config = json.loads(cluster.plane.kubeconfig.read_text())
    config["clusters"][0]["cluster"]["server"] = "https://127.0.0.1:9"
    kubeconfig = tmp_path / "kubeconfig"
    kubeconfig.write_text(json.dumps(config))
    argv = [sys.executable, "-m", "chartgen", "preflight", str(cluster.chart), "--kubeconfig", str(kubeconfig)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    lines = [line for line in done.stderr.splitlines() if line.startswith("error:")]
    assert len(lines) == 1
    assert "the API server https://127.0.0.1:9 doesn't answer" in lines[0]
    assert done.stderr.splitlines()[-1].startswith("help: ")
