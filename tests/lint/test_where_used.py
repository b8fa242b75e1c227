"""Findings about one object don't point to a helper that many objects share, nor into a subchart's archive."""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING

import pytest

from chartgen.lint.engine import lint_paths
from chartgen.lint.request import LintRequest
from tests.rules.harness import GOOD_CHART, engine

if TYPE_CHECKING:
    from pathlib import Path

LABELS = '{{- define "web.labels" -}}\napp: web\n{{- end }}\n'
PDB = """apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: web
spec:
  minAvailable: 1
  selector:
    matchLabels:
      {{- include "web.labels" . | nindent 6 }}
"""
WHOLE = (
    '{{- define "common.pdb" -}}\n'
    + PDB.replace('{{- include "web.labels" . | nindent 6 }}', "app: web")
    + "{{- end }}\n"
)


def archived(folder: Path, files: dict[str, str]) -> None:
    """A subchart `common` as an archive, and its line in Chart.yaml."""
    folder.mkdir(parents=True)
    with tarfile.open(folder / "common-1.0.0.tgz", "w:gz") as archive:
        for name, text in {
            "Chart.yaml": "apiVersion: v2\nname: common\nversion: 1.0.0\ntype: library\n",
            **files,
        }.items():
            member = tarfile.TarInfo(f"common/{name}")
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))


@pytest.fixture
def chart(tmp_path: Path) -> Path:
    root = tmp_path / "web"
    for path in GOOD_CHART.rglob("*"):
        if path.is_file():
            copy = root / path.relative_to(GOOD_CHART)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    return root


def place(chart: Path) -> tuple[str, int]:
    result = lint_paths(engine, [chart], LintRequest(no_config=True, select=("pdb-selector-misses-primary",)))
    (finding,) = result.findings
    return finding.path.removeprefix(f"{chart.as_posix()}/"), finding.line


def test_a_label_helper_of_the_chart(chart: Path) -> None:
    (chart / "templates" / "_helpers.tpl").write_text(LABELS, encoding="utf-8")
    (chart / "templates" / "pdb.yaml").write_text(PDB, encoding="utf-8")
    assert place(chart) == ("templates/pdb.yaml", 8)


def test_a_label_helper_in_an_archive(chart: Path) -> None:
    archived(chart / "charts", {"templates/_helpers.tpl": LABELS})
    (chart / "templates" / "pdb.yaml").write_text("# a comment\n" + PDB, encoding="utf-8")
    assert place(chart) == ("templates/pdb.yaml", 9)


def test_a_whole_object_in_an_archive(chart: Path) -> None:
    archived(chart / "charts", {"templates/_pdb.tpl": WHOLE})
    (chart / "templates" / "pdb.yaml").write_text('\n{{ include "common.pdb" . }}\n', encoding="utf-8")
    assert place(chart) == ("templates/pdb.yaml", 2)


def test_an_object_of_the_archive_is_named_in_it(chart: Path) -> None:
    own = PDB.replace('{{- include "web.labels" . | nindent 6 }}', "app: web")
    archived(
        chart / "charts", {"Chart.yaml": "apiVersion: v2\nname: common\nversion: 1.0.0\n", "templates/pdb.yaml": own}
    )
    assert place(chart) == ("charts/common-1.0.0.tgz", 1)
