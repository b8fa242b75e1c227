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
from tests.e2e.release import helm_binary

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
    _is_applied(plane, emitted.stdout)


@pytest.mark.parametrize("provider", ["gatewayapi:v1", "gatewayapi:v1beta1"])
def test_a_written_gateway_of_the_gateway_api_is_applied(provider: str, plane: Plane, tmp_path: Path) -> None:
    chart = Path(shutil.copytree(CHARTS / "helm-create", tmp_path / "shop"))
    name = f"edge/{provider.replace(':', '-')}"
    options = ["--provider", provider, "--with-gateway", "--gateway-class", "istio", "--gateway", name]
    added = _chartgen("add-canary", str(chart), *options)
    assert added.returncode == 0, added.stderr
    plane.client.ensure_namespace("edge")
    argv = [str(helm_binary("helm-4.1")), "template", "r1", str(chart), "--namespace", NAMESPACE]
    rendered = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    (gateway,) = (each for each in rendered.split("\n---\n") if "\nkind: Gateway\n" in each)
    _is_applied(plane, gateway)


def _is_applied(plane: Plane, text: str) -> None:
    """kubectl and the API server accept the documents without a warning."""
    for way in WAYS:
        argv = [str(tool("kubectl")), f"--kubeconfig={plane.kubeconfig}", "apply", *way, "-f", "-"]
        done = subprocess.run(argv, input=text, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, ""), way
