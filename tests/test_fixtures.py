"""The fixture charts are what they are kept for: each is listed, and real Helm 3 and 4 render it."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

FIXTURES = Path(__file__).parents[1] / "fixtures"
CHARTS = sorted(path for path in (FIXTURES / "charts").iterdir() if path.is_dir())
HELMS = Path(os.environ.get("CHARTGEN_TEST_HELM_DIR", "~/.cache/chartgen/helm")).expanduser()


def test_every_chart_is_listed_and_only_charts_are() -> None:
    rows = [line for line in (FIXTURES / "README.md").read_text().splitlines() if line.startswith("| `")]
    listed = [name for row in rows for name in re.findall(r"`([^`]+)`", row.split("|")[1])]
    assert sorted(listed) == [chart.name for chart in CHARTS]


@pytest.mark.slow
@pytest.mark.parametrize("version", ["3.17", "4.1", "4.3"])
@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart.name)
def test_helm_renders_the_chart(chart: Path, version: str) -> None:
    helm = HELMS / f"helm-{version}"
    if not helm.exists() and not os.environ.get("CI"):
        pytest.skip(f"{helm} is not there: fetch it with .ci/fetch_helm.py")
    ended = subprocess.run([str(helm), "template", "shop", str(chart)], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert re.search(r"^kind: (Deployment|DaemonSet)$", ended.stdout, re.MULTILINE)


def test_line_ends_are_those_the_chart_is_kept_for() -> None:
    for path in (FIXTURES / "charts").rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            is_windows = path.is_relative_to(FIXTURES / "charts/crlf")
            assert data.count(b"\r\n") == (data.count(b"\n") if is_windows else 0), path


def test_git_keeps_the_line_ends() -> None:
    attributes = subprocess.run(
        ["git", "check-attr", "text", "--", "fixtures/charts/crlf/values.yaml"],
        cwd=FIXTURES.parent, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if attributes.returncode != 0:
        pytest.skip("this isn't a Git checkout")
    assert attributes.stdout.strip().endswith("text: unset")
