"""Objects beside the target that make a canary harmful: add-canary names them, and a similar harmless chart is served."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.canary.small_charts import DEPLOYMENT, SERVICE, added, refused, small_chart

if TYPE_CHECKING:
    from pathlib import Path

STAND = DEPLOYMENT.replace("shop", "stand")
ROLLOUT = """apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: other-name}
spec:
  workloadRef: {apiVersion: apps/v1, kind: Deployment, name: shop}
"""
CANARY = """apiVersion: flagger.app/v1beta1
kind: Canary
metadata: {name: any}
spec:
  targetRef: {apiVersion: apps/v1, kind: Deployment, name: shop}
"""
GATES = {
    "boolean": ("{{- if .Values.flagger.enabled }}", "flagger: {enabled: false}\n", " with flagger.enabled=true"),
    "choice": ('{{- if eq .Values.rollout "flagger" }}', "rollout: none\n", " with rollout=flagger"),
    "namespace": ('{{- if eq .Release.Namespace "prod" }}', "{}\n", ""),
    "API": ('{{- if .Capabilities.APIVersions.Has "flagger.app/v1beta1" }}', "{}\n", ""),
}
OBJECTS = {"Canary": CANARY, "Rollout": ROLLOUT}


@pytest.mark.parametrize("kind", sorted(OBJECTS))
@pytest.mark.parametrize("gate", sorted(GATES))
def test_another_controller_behind_a_switch(gate: str, kind: str, tmp_path: Path) -> None:
    opening, values, condition = GATES[gate]
    files = {
        "templates/own.yaml": f"{opening}\n{OBJECTS[kind]}{{{{- end }}}}\n",
        "values.yaml": values,
        "templates/stand.yaml": STAND,
    }
    message = refused(small_chart(tmp_path, files), "--target", "shop")
    assert f"templates/own.yaml{condition}: the Argo Rollout other-name" in message or (
        f"templates/own.yaml already renders the Canary any{condition}. Adopt it: chartgen migrate" in message
    )
    other = files["templates/own.yaml"].replace("shop", "stand").replace("any", "stand")
    added(small_chart(tmp_path / "other", {**files, "templates/own.yaml": other}), "--target", "shop")


def test_a_canary_of_another_target_that_is_always_on(tmp_path: Path) -> None:
    canary = CANARY.replace("shop", "stand").replace("any", "stand")
    folder = small_chart(tmp_path, {"templates/own.yaml": f"{STAND}---\n{canary}"})
    added(folder, "--target", "shop")


SERVICES = {
    "foreign selector": (SERVICE.replace("app: shop", "app: web"), "selects none of the pods of Deployment shop"),
    "no selector": (SERVICE.replace("  selector:\n    app: shop\n", ""), "its selector is empty"),
    "no ports": (SERVICE[: SERVICE.index("  ports:")] + "  clusterIP: None\n", "has no TCP port"),
    "empty ports": (SERVICE[: SERVICE.index("  ports:")] + "  ports: []\n", "has no TCP port"),
    "UDP only": (f"{SERVICE}      protocol: UDP\n", "has no TCP port"),
    "UDP too": (f"{SERVICE}    - {{name: dns, port: 53, protocol: UDP}}\n", "would lose its port 53/UDP"),
    "SCTP too": (f"{SERVICE}    - {{name: s, port: 9, protocol: SCTP}}\n", "would lose its port 9/SCTP"),
    "ExternalName": (
        "apiVersion: v1\nkind: Service\nmetadata: {name: shop}\nspec: {type: ExternalName, externalName: example.com}\n",
        "selects none of the pods",
    ),
}


@pytest.mark.parametrize("shape", sorted(SERVICES))
def test_a_service_that_flagger_cannot_serve_as_it_is(shape: str, tmp_path: Path) -> None:
    service, reason = SERVICES[shape]
    message = refused(small_chart(tmp_path, {"templates/service.yaml": service}))
    assert "templates/service.yaml: Service shop " in message
    assert reason in message
    renamed = service.replace("name: shop\n", "name: other\n").replace("{name: shop}", "{name: other}")
    added(small_chart(tmp_path / "own", {"templates/other.yaml": renamed}))


@pytest.mark.parametrize("kind", ["Deployment", "StatefulSet", "DaemonSet"])
def test_a_label_shared_with_another_workload(kind: str, tmp_path: Path) -> None:
    worker = DEPLOYMENT.replace("name: shop", "name: worker").replace("kind: Deployment", f"kind: {kind}")
    folder = small_chart(tmp_path, {"templates/worker.yaml": worker})
    assert f"{kind} worker also has app=shop" in refused(folder, "--target", "shop")
    said = added(folder, "--target", "shop", "--accept", "selector-label-not-unique")
    assert f"WARNING: {kind} worker also has the label app=shop" in said
    own = worker.replace("app: shop", "app: worker")
    assert "has the label" not in added(
        small_chart(tmp_path / "own", {"templates/worker.yaml": own}), "--target", "shop"
    )


def test_a_stateful_set_with_a_subchart(tmp_path: Path) -> None:
    folder = small_chart(
        tmp_path,
        {
            "templates/deployment.yaml": DEPLOYMENT.replace("Deployment", "StatefulSet"),
            "charts/cache/Chart.yaml": "apiVersion: v2\nname: cache\nversion: 1.0.0\n",
            "charts/cache/templates/deployment.yaml": DEPLOYMENT.replace("shop", "cache"),
        },
    )
    assert "renders no Deployment or DaemonSet of its own, only StatefulSet" in refused(folder)
    assert "shop is a StatefulSet" in refused(folder, "--target", "shop")
    assert "Deployment cache is part of the subchart cache" in refused(folder, "--target", "cache")
