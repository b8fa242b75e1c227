"""kubectl and the API server accept the output of `chartgen emit` for every chart in fixtures without warnings."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.e2e.apiserver import tool

if TYPE_CHECKING:
    from tests.e2e.plane import Plane

CHARTS = Path(__file__).parents[2] / "fixtures" / "charts"
NAMESPACE = "jx-production"
# How it may be applied: by kubectl as ever, which validates strictly, and server-side, as Flux does.
WAYS = (("--dry-run=server",), ("--dry-run=server", "--server-side"), ())


def _chartgen(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "chartgen", *words], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", sorted(path.name for path in CHARTS.iterdir() if (path / "Chart.yaml").exists()))
def test_an_emitted_canary_is_applied(name: str, plane: Plane, tmp_path: Path) -> None:
    chart = tmp_path / name
    shutil.copytree(CHARTS / name, chart)
    added = _chartgen("add-canary", str(chart))
    if added.returncode:
        pytest.skip(f"add-canary asks for more: {added.stderr.splitlines()[0]}")
    emitted = _chartgen("emit", str(chart), "--namespace", NAMESPACE, "--release-name", f"emit-{name}")
    assert emitted.returncode == 0, emitted.stderr
    assert "kind: Canary" in emitted.stdout
    for namespace in re.findall(r"^  namespace: (\S+)$", emitted.stdout, re.MULTILINE):
        plane.client.ensure_namespace(namespace)
    for way in WAYS:
        argv = [str(tool("kubectl")), f"--kubeconfig={plane.kubeconfig}", "apply", *way, "-f", "-"]
        done = subprocess.run(argv, input=emitted.stdout, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, ""), way
