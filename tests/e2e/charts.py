"""Charts for the plane, created each time: `helm create`'s by the helm at hand, the others from fixtures/charts."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from tests.e2e.release import BUSY, helm_binary

_FIXTURES = Path(__file__).parents[2] / "fixtures" / "charts"
# The shortest interval Flagger knows.
INTERVAL = "10s"
FAST = ("--interval", INTERVAL, "--threshold", "2", "--host", "web.example.test")


@dataclass(frozen=True, slots=True)
class Shape:
    """A shape of chart: how it names its workload and its Service for a release called NAME, and with which values."""

    name: str
    workload: str
    service: str
    kind: str = "Deployment"
    values: dict[str, str] = field(default_factory=dict)

    def start_values(self, release: str) -> dict[str, str]:
        return {key: value.replace("NAME", release) for key, value in self.values.items()}


SHAPES = {
    shape.name: shape
    for shape in (
        # Flagger's Services select by one label alone, which `helm create` gives every release of a chart alike: two of
        # them in one namespace get one another's traffic. With a name of its own each story has a label of its own.
        Shape("helm-create", "NAME", "NAME", values={"nameOverride": "NAME"}),
        Shape("jenkins-x", "NAME-myapp", "NAME-svc", values={"service.name": "NAME-svc"}),
        Shape("daemonset", "NAME-agent", "NAME-agent", kind="DaemonSet"),
        Shape("extra-ports", "NAME", "NAME"),
        Shape("own-namespace", "parcel", "parcel-web"),
    )
}
# The charts of the main story.
MAIN = ("helm-create", "jenkins-x")


def make(folder: Path, shape: str, helm: str, *options: str) -> Path:
    """A chart with a canary, made by chartgen itself."""
    chart = create(folder, shape, helm)
    add_canary(chart, *FAST, *options)
    return chart


def create(folder: Path, shape: str, helm: str) -> Path:
    """A chart without a canary."""
    folder.mkdir(parents=True, exist_ok=True)
    chart = folder / "web"
    if shape == "helm-create":
        subprocess.run([str(helm_binary(helm)), "create", chart.name], cwd=folder, check=True, capture_output=True)
    else:
        shutil.copytree(_FIXTURES / shape, chart)
    return chart


def add_canary(chart: Path, *options: str) -> str:
    """`chartgen add-canary`; its closing text."""
    argv = [sys.executable, "-m", "chartgen", "add-canary", str(chart), *options]
    with BUSY:
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode:
        raise AssertionError(f"{' '.join(argv[2:])}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout
