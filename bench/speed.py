"""Compare chartgen's speed with Helm's: `python bench/speed.py --helm HELM [--only WORK] [--pairs N] [--write]`.

chartgen is built as a wheel and installed into a virtual environment below the user's cache folder. Each pair runs one
command of chartgen and then the same work of Helm, so that a busy machine slows down both. The table shows the median
of the pairs' ratios, of wall time and of CPU time (user and system, with all children). The script makes the charts.
`--write` writes `bench/README.md`.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).parents[1]))
from bench.charts import counting_helm, large_chart, many_charts, plain_chart

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

TOP = Path(__file__).parents[1]
README = TOP / "bench" / "README.md"
CACHES = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "chartgen"
HELM = CACHES / "helm" / "helm-4.1"


@dataclass(frozen=True, slots=True)
class Work:
    """One row: `ours` and `theirs` are commands, `before` runs untimed before each of ours.

    `goal` is the ratio to reach; without `theirs` it is seconds.
    """

    name: str
    ours: list[str]
    theirs: list[list[str]]
    goal: float
    before: Callable[[], object] = field(default=lambda: None)


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of one command: wall time, and CPU time of the process and its children."""

    wall: float
    cpu: float


NOTES = """## Where the rest goes

Profiles of the CPU time of what is above its goal:

- A first `lint` of a chart with a canary: two thirds are imports (Python's own libraries and typer 25 %, chartgen's
  modules 25 %, the rules that can report something 12 %), a quarter is Helm (half its start, which runs beside the
  imports, half 19 different renderings of 2 to 5 ms each, six of them to find the lines of findings), the rest the
  rules and positions in YAML. Python and typer alone take as long as `helm lint`.
- A first `lint` of 100 or 1000 charts: the charts with a canary, which take more Python (some 40 ms) than Helm (some
  35 ms: 14 renderings) each, spread over the cores. `helm lint` takes 15 ms for a chart. A quarter of the Python is the
  simulated release, a quarter finds the lines of findings. A chart without a canary takes 0.3 ms.
- `add-canary`: half of its CPU time is imports (lint of the result needs its rules, the simulator and Flagger's
  schema), a seventh is Jinja, a tenth ruamel. Helm's 38 renderings take less than its start. With `--helm`, each
  rendering is a process: 8 of the chart as it is and with other values, 2 to find the lines of its fields, 6 for its
  expressions, 13 for the proof, 9 for lint of the result. On a large chart, dependencies are rendered once for each
  release that they can tell from others, and in the first rendering of each version of the chart.
- `emit`: Python and typer take 40 % (as long as all of `helm template`), Helm in its own process 30 %, chartgen's 70
  modules and their work 30 %. Without typer, `emit` would be near its goal.
"""


def main() -> None:
    """Measure, print, and write the page if asked to."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--helm", type=Path, default=HELM, help="The helm program to compare with.")
    parser.add_argument("--chartgen", type=Path, help="An installed chartgen, instead of a wheel built now.")
    parser.add_argument("--only", default="", help="Only the works whose name contains this.")
    parser.add_argument("--pairs", type=int, default=9)
    parser.add_argument("--write", action="store_true", help="Write bench/README.md.")
    given = parser.parse_args()
    chartgen = given.chartgen or installed_wheel(CACHES / "bench")
    with tempfile.TemporaryDirectory(prefix="chartgen-bench-") as folder:
        os.environ.update(XDG_CACHE_HOME=f"{folder}/cache", XDG_STATE_HOME=f"{folder}/state")
        os.chdir(folder)
        rows = []
        for work in works(str(chartgen), str(given.helm), Path(folder)):
            if given.only in work.name:
                rows.append(row(work, given.pairs))
                print(rows[-1], flush=True)
        if not given.only or given.only in "processes":
            rows.append(processes(str(chartgen), given.helm, Path(folder)))
            print(rows[-1])
    if given.write:
        README.write_text(page(rows, str(chartgen), str(given.helm)), encoding="utf-8")


def installed_wheel(folder: Path) -> Path:
    """The chartgen program of a wheel of this tree, in a virtual environment without anything else."""
    venv = folder / "venv"
    if not (venv / "bin" / "python").exists():
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
    pip = [str(venv / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, f"{TOP}[helm]"], check=True)
    subprocess.run([*pip, "--force-reinstall", "--no-deps", str(TOP)], check=True)
    return venv / "bin" / "chartgen"


def works(chartgen: str, helm: str, folder: Path) -> Iterator[Work]:
    """The rows of the table, in its order."""
    plain = folder / "webshop"
    plain_chart(helm, plain)
    canary = folder / "canary" / plain.name
    shutil.copytree(plain, canary)
    add = [chartgen, "add-canary", "--host", "app.example.com"]
    subprocess.run([*add, str(canary)], check=True, capture_output=True)
    for count in (1, 100, 1000):
        charts = folder / f"charts-{count}"
        if count > 1:
            many_charts(canary, plain, charts, count)
        else:
            shutil.copytree(canary, charts / "app")
        lint = [chartgen, "lint", str(charts)]
        other = [[helm, "lint", *map(str, sorted(charts.iterdir()))]]
        cold, warm = {1: (2.5, 0.6), 100: (0.25, 0.06), 1000: (0.10, 0.02)}[count]
        yield Work(f"lint {count}, cold", lint, other, cold, forget)
        yield Work(f"lint {count}, warm", lint, other, warm)
    templates = [[helm, "template", str(plain)]] * 6
    fresh = folder / "fresh"
    yield Work("add-canary", [*add, str(fresh)], templates, 0.6, lambda: copied(plain, fresh))
    large = folder / "large"
    large_chart(helm, folder / "large-original")
    yield Work("add-canary, large", [*add, str(large)], [], 5.0, lambda: copied(folder / "large-original", large))
    yield Work("emit", [chartgen, "emit", str(canary)], [[helm, "template", str(canary)]], 1.5)
    yield Work("--version", [chartgen, "--version"], [[helm, "version"]], 1.2)
    yield Work("plan --format svg", [chartgen, "plan", str(canary), "--format", "svg"], [], 1.0)


def copied(source: Path, target: Path) -> None:
    """A fresh copy of a chart."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target)


def forget() -> None:
    """Start with an empty cache."""
    shutil.rmtree(Path(os.environ["XDG_CACHE_HOME"]), ignore_errors=True)


def row(work: Work, pairs: int) -> str:
    """The measured row as Markdown."""
    if work.name.startswith("lint 1000"):
        pairs = min(pairs, 3)
    ratios, own = [], []
    work.before()
    cost_of(work.ours)
    for _ in range(pairs):
        work.before()
        ours = cost_of(work.ours)
        own.append(ours)
        if work.theirs:
            costs = [cost_of(command) for command in work.theirs]
            theirs = Cost(sum(cost.wall for cost in costs), sum(cost.cpu for cost in costs))
            ratios.append((ours.wall / theirs.wall, ours.cpu / theirs.cpu))
    seconds = f"{statistics.median(cost.wall for cost in own):.2f} s"
    if not ratios:
        cpu = f"{statistics.median(cost.cpu for cost in own):.2f} s"
        return f"| `{work.name}` | {seconds} | {cpu} | ≤ {work.goal:g} s | |"
    wall, cpu = (f"{statistics.median(values):.2f}" for values in zip(*ratios, strict=True))
    return f"| `{work.name}` | {wall} | {cpu} | ≤ {work.goal:g} | {seconds} |"


def cost_of(command: list[str]) -> Cost:
    """Run a command whose exit code is 0 or 1 (findings)."""
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - started
    if process.returncode not in {0, 1}:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Cost(seconds, usage.ru_utime + usage.ru_stime)


def processes(chartgen: str, helm: Path, folder: Path) -> str:
    """How many helm programs `add-canary --helm helm` starts on a chart of `helm create`."""
    log = folder / "helm-runs"
    program = counting_helm(helm, folder / "counted" / "helm", log)
    copied(folder / "webshop", folder / "fresh")
    command = [chartgen, "add-canary", "--helm", str(program), "--host", "app.example.com", str(folder / "fresh")]
    cost = cost_of(command)
    count = len(log.read_text(encoding="utf-8").splitlines())
    return f"| `add-canary --helm helm` | {count} processes | | ≤ 40 processes | {cost.wall:.2f} s |"


def page(rows: list[str], chartgen: str, helm: str) -> str:
    """bench/README.md."""
    versions = [
        subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
        for command in ([chartgen, "--version"], [helm, "version", "--short"])
    ]
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    lines = [
        "# Speed",
        "",
        "`python bench/speed.py --write` writes this page. Each figure is the median of the ratios of interleaved",
        "pairs, chartgen to Helm, whole processes; seconds where there is nothing to compare with. *cold* starts with",
        "an empty cache, *warm* with nothing changed since the last run. One in ten charts has a canary.",
        "",
        f"Measured on {time.strftime('%Y-%m-%d')}: {versions[0]}, Helm {versions[1]}, Python",
        f"{platform.python_version()},",
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, load {load}.",
        "",
        "| work | wall time | CPU time | goal | chartgen alone |",
        "|---|---|---|---|---|",
        *rows,
    ]
    return "\n".join(lines) + f"\n\n{NOTES}"


if __name__ == "__main__":
    main()
