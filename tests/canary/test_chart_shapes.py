"""Shapes of charts that add-canary handles; each is shown by what real Helm renders afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.canary.small_charts import DEPLOYMENT, SERVICE, added, helm_template, small_chart

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


def test_a_comment_with_the_word_define_is_no_named_template(tmp_path: Path, helm_binary: Path) -> None:
    checksum = (
        '      annotations:\n        sum: {{ include (print $.Template.BasePath "/config.yaml") . | sha256sum }}\n'
    )
    deployment = DEPLOYMENT.replace("    spec:\n", f"{checksum}    spec:\n")
    folder = small_chart(
        tmp_path,
        {
            "templates/deployment.yaml": f"{{{{- /* defined by the team */}}}}\n{deployment}",
            "templates/config.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: shop\ndata: {a: b}\n",
        },
    )
    added(folder)
    assert "kind: Canary" in helm_template(helm_binary, folder)


HPA = """apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: shop
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: shop}
  minReplicas: 2
  maxReplicas: 4
"""
BEHIND_VARIABLES = {
    "assigned": ("{{- $s := .Values.scaling }}\n{{- if $s.enabled }}\n", "{{- end }}\n"),
    "with": ("{{- with .Values.scaling }}\n{{- if .enabled }}\n", "{{- end }}\n{{- end }}\n"),
    "twice": ("{{- $s := .Values.scaling }}\n{{- $on := $s.enabled }}\n{{- if $on }}\n", "{{- end }}\n"),
}


@pytest.mark.parametrize("default", ["true", "false"])
@pytest.mark.parametrize("shape", sorted(BEHIND_VARIABLES))
def test_an_autoscaler_behind_a_variable_of_its_file(
    shape: str, default: str, tmp_path: Path, helm_binary: Path
) -> None:
    opening, closing = BEHIND_VARIABLES[shape]
    files = {"templates/hpa.yaml": f"{opening}{HPA}{closing}", "values.yaml": f"scaling: {{enabled: {default}}}\n"}
    folder = small_chart(tmp_path, files)
    added(folder)
    for on in ("true", "false"):
        printed = helm_template(helm_binary, folder, "--set", f"scaling.enabled={on}")
        assert ("autoscalerRef:" in printed) is (on == "true")


def test_variables_of_the_same_name_in_two_files(tmp_path: Path, helm_binary: Path) -> None:
    opening = "{{- $s := .Values.%s }}\n{{- if $s.enabled }}\n"
    folder = small_chart(
        tmp_path,
        {
            "templates/deployment.yaml": f"{opening % 'main'}{DEPLOYMENT}{{{{- end }}}}\n",
            "templates/hpa.yaml": f"{opening % 'scaling'}{HPA}{{{{- end }}}}\n",
            "values.yaml": "main: {enabled: true}\nscaling: {enabled: false}\n",
        },
    )
    added(folder)
    assert "autoscalerRef" not in helm_template(helm_binary, folder)
    assert "autoscalerRef" in helm_template(helm_binary, folder, "--set", "scaling.enabled=true")
    assert "kind: Canary" not in helm_template(helm_binary, folder, "--set", "main.enabled=false")
