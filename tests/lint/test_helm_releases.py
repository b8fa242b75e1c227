"""A HelmRelease and an Application aren't checked, and the run says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chartgen.lint.engine import lint_paths
from chartgen.lint.request import LintRequest
from tests.lint.charts import CANARY
from tests.rules.harness import engine

if TYPE_CHECKING:
    from pathlib import Path

RELEASE = (
    "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: web}\nspec: {values: {canary: {}}}\n"
)
APPLICATION = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web}\nspec:\n  source:\n"


def found(folder: Path, text: str, request: LintRequest) -> list[tuple[str, int]]:
    file = folder / "release.yaml"
    file.write_text(text, encoding="utf-8")
    result = lint_paths(engine, [file], request)
    assert result.fails is bool(result.findings)
    return [(finding.rule, finding.line) for finding in result.findings]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (RELEASE, 2),
        ("kind: ConfigMap\n---\n" + RELEASE, 4),
        (f"{APPLICATION}    helm: {{values: ''}}\n", 2),
        (f"{APPLICATION}    chart: web\n", 2),
    ],
)
def test_a_release_that_is_not_rendered_is_a_warning(tmp_path: Path, text: str, line: int) -> None:
    assert found(tmp_path, text, LintRequest()) == [("release-not-checked", line)]
    assert found(tmp_path, text, LintRequest(ignore=("release-not-checked",))) == []


@pytest.mark.parametrize("text", ["kind: ConfigMap\n", f"{APPLICATION}    path: kustomize/web\n"])
def test_other_objects_are_not_reported(tmp_path: Path, text: str) -> None:
    assert found(tmp_path, text, LintRequest()) == []


def test_manifests_beside_a_release_are_checked(tmp_path: Path) -> None:
    canary = CANARY.replace("stepWeight: 10", "stepWeight: 70")
    rules = {rule for rule, _ in found(tmp_path, f"{RELEASE}---\n{canary}", LintRequest())}
    assert {"release-not-checked", "step-weight-above-max"} <= rules
