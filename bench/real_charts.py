"""add-canary, lint and emit over real charts: `python bench/real_charts.py [FOLDER] [--only NAME] [--jobs N]`.

FOLDER holds `index.json` and `charts.tar.gz` (default: `../shared/charts`). Each chart is copied, each command runs in
a process of its own, and the table says what came out: injected, refused and why, bytes changed outside the edits
(must be 0: taking the edits out gives back every file), crashes (must be 0: any exit code but 0, 1, 2, or a traceback).
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chartgen.canary.files import CANARY, HELPERS
from chartgen.canary.guards import strip
from chartgen.charts.load import load_chart

DEFAULT = Path(__file__).parent.parent.parent / "shared" / "charts"
ADDED = {CANARY, HELPERS}
SECONDS = 300


@dataclass
class Outcome:
    """What the commands did with one chart. `damaged` are files that the edits do not explain."""

    name: str
    single: bool
    codes: dict[str, int] = field(default_factory=dict)
    said: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    damaged: list[str] = field(default_factory=list)

    @property
    def crashed(self) -> list[str]:
        return [
            command
            for command, code in self.codes.items()
            if code not in {0, 1, 2} or "Traceback" in self.said[command] or "unexpected" in self.said[command]
        ]


def main() -> int:
    """Run, print the tables, and exit 1 where something was damaged or crashed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=DEFAULT)
    parser.add_argument("--only", default="", help="charts whose id holds this text")
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    if not (arguments.folder / "index.json").exists():
        print(f"{arguments.folder}: no index.json there", file=sys.stderr)
        return 2
    index = json.loads((arguments.folder / "index.json").read_text(encoding="utf-8"))
    chosen = [chart for chart in index if arguments.only in chart["id"]]
    with tempfile.TemporaryDirectory(prefix="chartgen-bench-") as folder:
        with tarfile.open(arguments.folder / "charts.tar.gz") as archive:
            archive.extractall(folder, filter="data")
        with ThreadPoolExecutor(arguments.jobs) as pool:
            outcomes = list(pool.map(lambda chart: try_chart(Path(folder), chart), chosen))
    report(outcomes)
    return 1 if any(outcome.damaged or outcome.crashed for outcome in outcomes) else 0


def try_chart(root: Path, entry: dict[str, Any]) -> Outcome:
    """All commands on a copy of one chart."""
    outcome = Outcome(entry["id"], bool(entry.get("single_deployment_app")))
    copy = root / "work" / re.sub(r"[^A-Za-z0-9]+", "-", entry["id"])
    shutil.copytree(root / entry["dir"], copy, symlinks=True)
    before = files_of(copy)
    run(outcome, "lint before", ["lint", str(copy), "--fail-on", "never"])
    run(outcome, "add-canary", ["add-canary", str(copy)])
    if outcome.codes["add-canary"] == 0:
        outcome.damaged = damaged(copy, before)
        run(outcome, "again", ["add-canary", str(copy), "--check"])
        run(outcome, "lint", ["lint", str(copy)])
        run(outcome, "emit", ["emit", str(copy)])
    elif files_of(copy) != before:
        outcome.damaged = ["changed although refused"]
    return outcome


def run(outcome: Outcome, label: str, arguments: list[str]) -> None:
    """One command in a process of its own."""
    started = time.monotonic()
    try:
        done = subprocess.run(
            [sys.executable, "-m", "chartgen", *arguments], capture_output=True, timeout=SECONDS, check=False
        )
        outcome.codes[label], said = done.returncode, done.stdout + done.stderr
    except subprocess.TimeoutExpired:
        outcome.codes[label], said = 124, b"timed out"
    outcome.said[label] = said.decode("utf-8", "replace")
    outcome.seconds[label] = time.monotonic() - started


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file below the folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def damaged(folder: Path, before: dict[str, bytes]) -> list[str]:
    """Files that differ from `before` by more than the edits: templates stripped of them must be what they were."""
    name = load_chart(folder).name
    after = files_of(folder)
    found = []
    for path in sorted(before.keys() | after.keys() - ADDED):
        was, now = before.get(path), after.get(path)
        if was == now or (was is None and path in {"values.yaml", *ADDED}):
            continue
        if was is None or now is None or not explained(path, was, now, name):
            found.append(path)
    return found


def explained(path: str, was: bytes, now: bytes, name: str) -> bool:
    """Whether the edit accounts for the difference: one insertion, or lines that `strip` takes out again."""
    if path.startswith("templates/"):
        return strip(now.decode("utf-8", "surrogateescape"), name).encode("utf-8", "surrogateescape") == was
    if path not in {"values.yaml", "values.schema.json"}:
        return False
    common = next((at for at, (one, other) in enumerate(zip(was, now, strict=False)) if one != other), len(was))
    return len(now) > len(was) and now.endswith(was[common:])


def report(outcomes: list[Outcome]) -> None:
    """The tables."""
    single = [outcome for outcome in outcomes if outcome.single]
    for title, group in (("single-workload charts", single), ("all charts", outcomes)):
        injected = [outcome for outcome in group if outcome.codes["add-canary"] == 0]
        share = 100 * len(injected) / max(1, len(group))
        print(f"\n{title}: {len(group)}, injected {len(injected)} ({share:.0f} %)")
        print(f"  a second run would change something: {count(injected, 'again', 1)}")
        print(f"  lint of the result: exit 0 {count(injected, 'lint', 0)}, 1 {count(injected, 'lint', 1)}")
        print(f"  emit of the result: exit 0 {count(injected, 'emit', 0)}")
        refused = Counter(reason(outcome) for outcome in group if outcome.codes["add-canary"] != 0)
        for told, number in refused.most_common():
            print(f"  refused {number:4}  {told}")
    print(f"\nfiles changed outside the edits: {sum(len(outcome.damaged) for outcome in outcomes)}")
    for outcome in outcomes:
        for path in outcome.damaged:
            print(f"  {outcome.name}: {path}")
    print(f"crashes: {sum(len(outcome.crashed) for outcome in outcomes)}")
    for outcome in outcomes:
        for command in outcome.crashed:
            print(f"  {outcome.name}: {command}: exit {outcome.codes[command]}: {outcome.said[command][-300:]}")
    for label in ("lint before", "add-canary", "lint", "emit"):
        times = sorted(outcome.seconds[label] for outcome in outcomes if label in outcome.seconds)
        if times:
            print(f"{label}: median {times[len(times) // 2]:.2f} s, longest {times[-1]:.1f} s")


def count(outcomes: list[Outcome], label: str, code: int) -> int:
    """How many ended with this exit code."""
    return sum(outcome.codes.get(label) == code for outcome in outcomes)


_REASONS = (
    (r"made by|such a file already|key canary|Canary already", "the chart has a canary already"),
    (r"choose one|renders \d+ workloads", "several workloads and no --target"),
    (r"renders no Deployment or DaemonSet", "no Deployment or DaemonSet of its own"),
    (r"no Service in front", "neither a Service nor a TCP container port"),
    (r"is not in charts/", "unresolved dependencies"),
    (r"would route too", "routes of its own under the apex name"),
    (r"no expression gives", "no movable expression for a name"),
    (r"only a Canary may come|nothing may change", "the proof found another difference"),
)


def reason(outcome: Outcome) -> str:
    """The refusal in a few words."""
    said = outcome.said["add-canary"]
    for pattern, told in _REASONS:
        if re.search(pattern, said):
            return told
    return f"other: {said.splitlines()[0][:110] if said else ''}"


if __name__ == "__main__":
    sys.exit(main())
