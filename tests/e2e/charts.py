"""Charts for the plane, made anew each time: `helm create`'s and one in the shape of Jenkins X' packs."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tests.e2e.release import helm_binary

JENKINS_X = Path(__file__).with_name("jenkins-x-chart")
SHAPES = ("helm-create", "jenkins-x")
# The chart's own name, in both shapes; objects are called RELEASE-web.
NAME = "web"
# The shortest interval Flagger knows.
INTERVAL = "10s"


def make(folder: Path, shape: str, helm: str, *options: str) -> Path:
    """A chart with a canary, made by chartgen itself."""
    folder.mkdir(parents=True, exist_ok=True)
    chart = folder / NAME
    if shape == "helm-create":
        subprocess.run([str(helm_binary(helm)), "create", NAME], cwd=folder, check=True, capture_output=True)
    else:
        shutil.copytree(JENKINS_X, chart)
    add_canary(chart, "--interval", INTERVAL, "--threshold", "2", "--host", "web.example.test", *options)
    return chart


def add_canary(chart: Path, *options: str) -> str:
    """`chartgen add-canary`; its closing text."""
    argv = [sys.executable, "-m", "chartgen", "add-canary", str(chart), *options]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode:
        raise AssertionError(f"{' '.join(argv[2:])}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout
