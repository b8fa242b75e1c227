"""Charts that are rendered without a cluster, and what their tools must leave to Flagger."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from ruamel.yaml import YAML

from tests.canary.small_charts import DEPLOYMENT, SERVICE, added, helm_template, small_chart
from tests.canary.test_whole_charts import files_of
from tests.conftest import CHARTS
from tests.running import chartgen

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

RENDERED = ("argocd", "flux", "rendered")
OFF = ("--set", "canary.enable=false")


def templates(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in sorted((folder / "templates").iterdir())}


def documents(text: str) -> dict[str, Any]:
    """The rendered objects by kind."""
    return {document["kind"]: document for document in YAML(typ="safe").load_all(text) if document}


@pytest.mark.parametrize("delivery", RENDERED)
def test_no_template_asks_the_cluster(delivery: str, tmp_path: Path, helm_binary: Path) -> None:
    folder = small_chart(tmp_path)
    original = documents(helm_template(helm_binary, folder))
    added(folder, "--delivery", delivery)
    assert "lookup" not in "".join(templates(folder).values())
    assert documents(helm_template(helm_binary, folder, *OFF)) == original
    on = documents(helm_template(helm_binary, folder))
    assert on.keys() == {"Deployment", "Canary"}
    del original["Deployment"]["spec"]["replicas"]
    assert on["Deployment"] == original["Deployment"]


def test_the_lines_in_the_charts_own_templates(tmp_path: Path) -> None:
    folder = small_chart(tmp_path)
    added(folder, "--delivery", "rendered")
    own = templates(folder)
    guarded = '  {{- if not (include "shop.canary.on" $) }}\n  replicas: 2\n  {{- end }}\n'
    assert own["deployment.yaml"] == DEPLOYMENT.replace("  replicas: 2\n", guarded)
    end = '{{- end }}{{- include "shop.canary.service" $ }}\n'
    assert own["service.yaml"] == f'{{{{- define "shop.canary.chart-service" }}}}\n{SERVICE}{end}'


@pytest.mark.parametrize("name", ["one-file", "own-namespace", "crlf", "umbrella", "daemonset", "keda"])
def test_every_shape_is_proven_kept_and_removed(name: str, tmp_path: Path) -> None:
    folder = tmp_path / name
    shutil.copytree(CHARTS / name, folder)
    before = files_of(folder)
    added(folder, "--delivery", "argocd")
    assert "lookup" not in "".join(templates(folder).values())
    done = chartgen("remove-canary", str(folder))
    assert done.returncode == 0, done.stderr
    assert files_of(folder) == before


def test_another_run_keeps_the_delivery_until_it_is_given(tmp_path: Path) -> None:
    folder = small_chart(tmp_path)
    added(folder)
    helm_form = templates(folder)
    added(folder, "--delivery", "argocd")
    argocd = templates(folder)
    assert "`chartgen add-canary --delivery argocd`" in argocd["canary.yaml"]
    added(folder, "--interval", "30s")
    assert templates(folder) == argocd
    added(folder, "--delivery", "helm")
    assert templates(folder) == helm_form


def test_a_further_target_is_delivered_like_the_first(tmp_path: Path) -> None:
    other = {
        "templates/worker.yaml": DEPLOYMENT.replace("shop", "worker"),
        "templates/worker-service.yaml": SERVICE.replace("shop", "worker"),
    }
    folder = small_chart(tmp_path, other)
    added(folder, "--target", "shop", "--delivery", "flux")
    added(folder, "--target", "worker")
    assert "--delivery flux" in templates(folder)["_canary-worker.tpl"]
    assert "lookup" not in "".join(templates(folder).values())


def warning_of(stderr: str) -> list[str]:
    lines = stderr.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("WARNING: while the canary is on"))
    steps = [line for line in lines[start + 1 :] if line.startswith("  ")]
    end = next(number for number, line in enumerate(lines[start + 1 :]) if not line.startswith("  "))
    return steps[:end]


def test_the_steps_for_argo_cd(tmp_path: Path) -> None:
    folder = small_chart(tmp_path)
    stderr = added(folder, "--delivery", "argocd", "--release-name", "blue")
    command = f"chartgen ignore-differences argocd {folder} --release-name blue"
    annotate = "kubectl annotate service/shop --namespace jx-production"
    options, compared = "argocd.argoproj.io/sync-options", "argocd.argoproj.io/compare-options"
    assert warning_of(stderr) == [
        f"  1. add to the Application what this prints: {command}",
        f"  2. {annotate} {options}=Prune=false {compared}=IgnoreExtraneous",
    ]
    assert stderr.index("WARNING: while") < stderr.index("Added a Canary")
    off = stderr[stderr.index("To switch it off") :].splitlines()
    patch = """kubectl patch service/shop --namespace jx-production --type=merge --patch="""
    assert off[4:7] == [
        f"""  4. {patch}'{{"metadata":{{"ownerReferences":null}}}}'""",
        "  5. set canary.enable: false, and let Argo CD sync",
        f"  6. {annotate} {options}- {compared}-",
    ]


def test_the_steps_for_flux(tmp_path: Path) -> None:
    folder = small_chart(tmp_path)
    stderr = added(folder, "--delivery", "flux")
    steps = warning_of(stderr)
    assert f"chartgen ignore-differences flux {folder}" in steps[0]
    annotated = "kustomize.toolkit.fluxcd.io/prune=disabled helm.sh/resource-policy=keep"
    options = "--namespace jx-production --field-manager=flagger-handover"
    assert steps[1] == f"  2. kubectl annotate service/shop {options} {annotated}"
    assert f"  1. kubectl patch canary/shop {options} --type=merge" in stderr
    patch = next(line for line in stderr.splitlines() if "patch service/shop" in line).split("--patch=")[1]
    flaggers = {"kustomize.toolkit.fluxcd.io/reconcile": None, "helm.toolkit.fluxcd.io/driftDetection": None}
    assert json.loads(patch.strip("'"))["metadata"] == {"ownerReferences": None, "annotations": flaggers}
    assert "--server-side --field-manager=flagger-handover" in steps[2]
    assert "--delivery helm" in steps[3]


def test_the_steps_for_kubectl(tmp_path: Path) -> None:
    steps = warning_of(added(small_chart(tmp_path), "--delivery", "rendered"))
    last_applied = "kubectl.kubernetes.io/last-applied-configuration-"
    annotated = f"kubectl annotate service/shop deployment/shop --namespace jx-production {last_applied}"
    assert steps[0] == f"  1. with client-side apply: {annotated}"
    assert steps[1].endswith("kubectl label service/shop --namespace jx-production applyset.kubernetes.io/part-of-")
    assert steps[2].startswith("  3. with --server-side: echo '")


def test_the_replicas_of_a_first_installation(tmp_path: Path) -> None:
    stderr = added(small_chart(tmp_path), "--delivery", "rendered")
    scaled = "kubectl scale deployment/shop-primary --namespace jx-production --replicas=N"
    assert f"canary.enable: false first, or run: {scaled}\n" in stderr
    assert "1 replica" not in added(small_chart(tmp_path / "helm"))


def test_a_selector_without_flaggers_label_is_restored_whole(tmp_path: Path) -> None:
    labels = DEPLOYMENT.replace("        app: shop\n", "        app: shop\n        tier: web\n")
    service = SERVICE.replace("    app: shop\n", "    tier: web\n")
    stderr = added(
        small_chart(tmp_path, {"templates/deployment.yaml": labels, "templates/service.yaml": service}),
        "--delivery",
        "rendered",
    )
    patch = next(line for line in stderr.splitlines() if "patch service/shop" in line).split("--patch=")[1]
    assert json.loads(patch.strip("'"))["spec"] == {"selector": {"tier": "web", "app": None}}


def test_a_chart_for_helm_is_told_of_the_other_deliveries(tmp_path: Path) -> None:
    stderr = added(small_chart(tmp_path))
    assert "WARNING: Argo CD, Jenkins X, and `helm template | kubectl apply` render without a cluster" in stderr
    assert "add-canary with --delivery argocd or --delivery rendered" in stderr


def test_nothing_to_hand_over_with_both_kept(tmp_path: Path) -> None:
    stderr = added(small_chart(tmp_path), "--delivery", "argocd", "--keep-service", "--keep-replicas")
    assert "WARNING: while the canary is on" not in stderr


def test_remove_canary_prints_the_steps_of_the_delivery(tmp_path: Path) -> None:
    folder = small_chart(tmp_path)
    added(folder, "--delivery", "rendered")
    lines = chartgen("remove-canary", str(folder)).stderr.splitlines()
    assert "the next deployment deletes the Canary" in lines[0]
    assert lines[5].startswith("  5. take the chart without its canary, and render the chart and apply it")
    assert lines[6] == "  6. kubectl delete canary/shop --namespace jx-production --ignore-not-found"
