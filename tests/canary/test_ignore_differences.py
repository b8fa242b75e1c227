"""What a GitOps tool must ignore of a chart with a canary."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest
from ruamel.yaml import YAML

from tests.canary.small_charts import added, small_chart
from tests.conftest import CHARTS
from tests.running import chartgen

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


def differences(tool: str, folder: Path, *options: str) -> Any:
    done = chartgen("ignore-differences", tool, str(folder), *options)
    assert done.returncode == 0, done.stderr
    return YAML(typ="safe").load(done.stdout)["spec"]


REPLICAS = {"group": "apps", "kind": "Deployment", "name": "shop", "jsonPointers": ["/spec/replicas"]}
LIVE_SERVICE = {"kind": "Service", "name": "shop"}
LIVE_FIELDS = ["/spec/ports", "/spec/selector"]


def test_argo_cd_ignores_the_replicas_in_its_syncs_too(tmp_path: Path) -> None:
    folder = small_chart(tmp_path)
    added(folder, "--delivery", "argocd")
    found = differences("argocd", folder)
    assert found == {
        "ignoreDifferences": [REPLICAS],
        "syncPolicy": {"syncOptions": ["RespectIgnoreDifferences=true"]},
    }


def test_a_service_that_the_chart_keeps_is_ignored(tmp_path: Path) -> None:
    folder = small_chart(tmp_path)
    added(folder, "--delivery", "argocd", "--keep-service")
    ignored = differences("argocd", folder)["ignoreDifferences"]
    assert ignored == [REPLICAS, {**LIVE_SERVICE, "jsonPointers": LIVE_FIELDS}]


@pytest.mark.parametrize(("delivery", "renders_service"), [("helm", True), ("flux", False)])
def test_flux_renders_the_service_of_a_chart_for_helm(delivery: str, renders_service: bool, tmp_path: Path) -> None:
    folder = small_chart(tmp_path)
    added(folder, "--delivery", delivery)
    ignored = [{"paths": ["/spec/replicas"], "target": {"kind": "Deployment", "name": "shop"}}]
    ignored += [{"paths": LIVE_FIELDS, "target": LIVE_SERVICE}] if renders_service else []
    assert differences("flux", folder) == {"driftDetection": {"mode": "enabled", "ignore": ignored}}


@pytest.mark.parametrize(
    ("name", "kind", "pointer"),
    [
        ("daemonset", "DaemonSet", "/spec/template/spec/nodeSelector/flagger.app~1scale-to-zero"),
        ("keda", "ScaledObject", "/metadata/annotations/autoscaling.keda.sh~1paused-replicas"),
    ],
)
def test_the_fields_of_other_kinds(name: str, kind: str, pointer: str, tmp_path: Path) -> None:
    folder = tmp_path / name
    shutil.copytree(CHARTS / name, folder)
    added(folder, "--delivery", "argocd")
    ignored = differences("argocd", folder, "--release-name", "blue")["ignoreDifferences"]
    assert {each["kind"]: each["jsonPointers"] for each in ignored}[kind] == [pointer]


def test_a_route_that_the_chart_renders_itself(tmp_path: Path) -> None:
    route = "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata:\n  name: shop\nspec: {hosts: [a.b]}\n"
    folder = small_chart(tmp_path)
    added(folder, "--delivery", "argocd")
    (folder / "templates/route.yaml").write_text(route)
    kinds = [each["kind"] for each in differences("argocd", folder)["ignoreDifferences"]]
    assert kinds == ["Deployment", "VirtualService"]


def test_a_chart_without_a_canary_has_nothing_to_ignore(tmp_path: Path) -> None:
    done = chartgen("ignore-differences", "flux", str(small_chart(tmp_path)))
    assert (done.returncode, done.stdout) == (2, "")
    assert "chartgen add-canary" in done.stderr
