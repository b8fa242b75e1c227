"""HelmReleases and Applications are linted as releases of their charts; where that can't be, the run says so."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from chartgen.lint.engine import lint_paths
from chartgen.lint.request import LintRequest
from chartgen.reporters.summary import summary_line
from tests.lint.charts import CANARY
from tests.rules.harness import GOOD_CHART, engine

if TYPE_CHECKING:
    from pathlib import Path

    from chartgen.lint.finding import LintResult

RELEASE = (
    "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: web}\nspec: {values: {canary: {}}}\n"
)
APPLICATION = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web}\nspec:\n  source:\n"
FLUX = """# the shop's release
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: web, namespace: live}
spec:
  chart:
    spec:
      chart: %s
      sourceRef: {kind: %s, name: own}
  values:
    # a comment
    canary:
      enable: true
      canaryAnalysis:
        stepWeight: 70
"""
ARGO = """apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: web, namespace: argocd}
spec:
  destination: {namespace: live}
  source:
    %s
    helm:
      %s
"""
BLOCK = "values: |\n        canary:\n          canaryAnalysis:\n            stepWeight: 70"
OBJECT = "valuesObject:\n        canary: {canaryAnalysis: {stepWeight: 70}}"


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the known-good chart at charts/web; its own step is below its maximum."""
    shutil.copytree(GOOD_CHART, tmp_path / "charts" / "web")
    (tmp_path / "clusters").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def linted(repository: Path, text: str, *paths: str, request: LintRequest | None = None) -> LintResult:
    from pathlib import Path

    (repository / "clusters" / "web.yaml").write_text(text, encoding="utf-8")
    return lint_paths(engine, [Path(path) for path in paths], request or LintRequest(no_config=True))


def places(result: LintResult) -> list[tuple[str, str, int]]:
    return [(finding.rule, finding.path, finding.line) for finding in result.findings if finding.severity.rank < 2]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (FLUX % ("./charts/web", "GitRepository"), 15),
        (FLUX % ("web", "HelmRepository"), 15),
        ("kind: ConfigMap\n---\n" + FLUX % ("charts/web", "Bucket"), 17),
        (ARGO % ("path: charts/web", BLOCK), 12),
        (ARGO % ("chart: web", OBJECT), 10),
        (ARGO.replace("source:\n    %s\n    helm:", "sources:\n  - %s\n    helm:") % ("path: charts/web", BLOCK), 12),
        ((FLUX % ("web", "HelmRepository")).replace("values:\n    # a comment\n", "values:\n"), 14),
    ],
)
@pytest.mark.parametrize("paths", [(".",), ("clusters/web.yaml",), ("clusters", "charts")])
def test_a_release_is_linted_with_its_chart(repository: Path, text: str, line: int, paths: tuple[str, ...]) -> None:
    result = linted(repository, text, *paths)
    assert ("step-weight-above-max", "clusters/web.yaml", line) in places(result)
    assert not any(rule == "release-not-checked" for rule, _, _ in places(result))
    assert result.fails


def test_the_release_has_its_own_namespace_and_name(repository: Path) -> None:
    template = repository / "charts" / "web" / "templates" / "extra.yaml"
    template.write_text(
        '{{ if ne .Release.Name "web" }}{{ fail "wrong name" }}{{ end }}',
        encoding="utf-8",
    )
    result = linted(repository, FLUX % ("./charts/web", "GitRepository"), "clusters/web.yaml")
    assert places(result) == [("step-weight-above-max", "clusters/web.yaml", 15)]
    assert result.findings[-1].releases[0].startswith("namespace live")


def test_the_chart_can_be_named(repository: Path) -> None:
    from pathlib import Path

    (repository / "charts" / "web").rename(repository / "elsewhere")
    shutil.move(repository / "elsewhere", repository.parent / "elsewhere")
    request = LintRequest(no_config=True, charts=(("shop", Path("../elsewhere")),))
    text = FLUX % ("shop", "HelmRepository")
    assert places(linted(repository, text, "clusters/web.yaml"))[0][0] == "release-not-checked"
    result = linted(repository, text, "clusters/web.yaml", request=request)
    assert places(result) == [("step-weight-above-max", "clusters/web.yaml", 15)]
    shutil.rmtree(repository.parent / "elsewhere")


def test_values_files_and_parameters_count(repository: Path) -> None:
    (repository / "charts" / "web" / "values-live.yaml").write_text("canary: {canaryAnalysis: {stepWeight: 60}}\n")
    argo = ARGO % ("path: charts/web", "valueFiles: [values-live.yaml]")
    assert ("step-weight-above-max", "charts/web/values-live.yaml", 1) in places(
        linted(repository, argo, "clusters/web.yaml")
    )
    flux = (FLUX % ("./charts/web", "GitRepository")).replace(
        "      sourceRef", "      valuesFiles: [charts/web/values-live.yaml]\n      sourceRef"
    )
    assert ("step-weight-above-max", "clusters/web.yaml", 16) in places(linted(repository, flux, "clusters/web.yaml"))
    parameter = ARGO % ("path: charts/web", "parameters: [{name: canary.canaryAnalysis.stepWeight, value: '80'}]")
    found = places(linted(repository, parameter, "clusters/web.yaml"))
    assert ("step-weight-above-max", "clusters/web.yaml", 9) in found


def test_what_only_the_cluster_has_is_named(repository: Path) -> None:
    text = FLUX % ("./charts/web", "GitRepository") + "  valuesFrom: [{kind: Secret, name: own}]\n"
    notes = linted(repository, text, "clusters/web.yaml").notes
    assert ["Secret own" in note for note in notes] == [True]


def test_a_values_file_that_is_missing_is_reported(repository: Path) -> None:
    text = ARGO % ("path: charts/web", "valueFiles: [../../../x.yaml]")
    result = linted(repository, text, "clusters/web.yaml")
    assert [(finding.rule, "x.yaml" in finding.message) for finding in result.findings] == [
        ("chart-does-not-render", True)
    ]


def test_releases_of_charts_elsewhere(repository: Path) -> None:
    plain = FLUX.replace("canary:", "kanarie:").replace("canaryAnalysis", "other") % ("redis", "HelmRepository")
    result = linted(repository, plain, ".")
    assert not any(rule == "release-not-checked" for rule, _, _ in places(result))
    assert summary_line(result).endswith("; 1 release of charts elsewhere not checked")
    named = linted(repository, plain, "clusters/web.yaml")
    assert places(named) == [("release-not-checked", "clusters/web.yaml", 3)]
    assert "--chart redis=PATH" in named.findings[0].message
    with_canary = linted(repository, FLUX % ("redis", "HelmRepository"), ".")
    assert ("release-not-checked", "clusters/web.yaml", 3) in places(with_canary)


def test_a_folder_outside_of_the_repository_is_no_chart_of_it(repository: Path) -> None:
    shutil.copytree(GOOD_CHART, repository.parent / "outside")
    for chart in ("../outside", "../../outside", f"{repository.parent}/outside"):
        result = linted(repository, FLUX % (chart, "GitRepository"), "clusters/web.yaml")
        assert [rule for rule, *_ in places(result)] == ["release-not-checked"]
    shutil.rmtree(repository.parent / "outside")


def test_the_option(repository: Path) -> None:
    (repository / "clusters" / "web.yaml").write_text(FLUX % ("shop", "HelmRepository"), encoding="utf-8")

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "chartgen", "lint", "clusters/web.yaml", "--no-config", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "NO_COLOR": "1"})

    done = run("--chart", "shop=charts/web", "--format", "concise")
    assert done.returncode == 1
    assert "clusters/web.yaml:15:" in done.stdout
    assert run("--chart", "shop").returncode == 2
    assert "chart not found" in run("--chart", "shop=nowhere").stderr


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
        (f"{APPLICATION}    path: web\n    helm: {{values: ''}}\n", 2),
        (f"{APPLICATION}    chart: web\n", 2),
        (
            f"{APPLICATION.replace('Application', 'ApplicationSet')}  template: {{spec: {{source: {{chart: web}}}}}}\n",
            2,
        ),
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
