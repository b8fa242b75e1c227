"""The commands that change charts, over real charts: `python bench/real_charts.py [FOLDER] [--only NAME] [--jobs N]`.

FOLDER has `index.json` and an archive (default: `../shared/charts`; those of `../shared/canaries` are migrated only).
Each chart is copied and gets a process of its own. The tables show the results: injected, refused and why, migrated,
files changed outside the edits (must be 0: removing the edits restores every file), files that remove-canary doesn't
restore (must be 0), crashes (must be 0: an exit code other than 0, 1, 2, or a traceback). With `--helm PROGRAM`, `helm
template` outside the gate and switched off must print the same bytes as before (0 may differ).
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chartgen.canary.guards import strip
from chartgen.canary.slots import slots_in
from chartgen.charts.load import load_chart

if TYPE_CHECKING:
    from collections.abc import Iterator

DEFAULT = Path(__file__).parent.parent.parent / "shared" / "charts"
SECONDS = 300
MOST_TARGETS = 6


@dataclass
class Outcome:
    """The results for one chart.

    `target`: by the index, it renders and has a workload with a Service. `accepted` are the rules without whose
    `--accept` add-canary refuses the chart. `damaged` are files that differ by more than the edits, `unrestored` those
    that remove-canary didn't restore.
    """

    name: str
    target: bool
    codes: dict[str, int] = field(default_factory=dict)
    output: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    damaged: list[str] = field(default_factory=list)
    unrestored: list[str] = field(default_factory=list)
    accepted: list[str] = field(default_factory=list)
    migration: str = ""
    differing: list[str] = field(default_factory=list)

    @property
    def crashed(self) -> list[str]:
        return [
            command
            for command, code in self.codes.items()
            if code not in {0, 1, 2} or "Traceback" in self.output[command] or "unexpected" in self.output[command]
        ]


def main() -> int:
    """Run, print the tables, and exit 1 if something was damaged or crashed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=DEFAULT)
    parser.add_argument("--only", default="", help="charts whose id contains this text")
    parser.add_argument("--every", type=int, default=1, help="only every N-th of these charts")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--helm", default="", help="a helm program to compare the renderings of, before and after")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.worker:
        print(json.dumps(asdict(try_chart(arguments.folder, json.load(sys.stdin), arguments.helm))))
        return 0
    if not (arguments.folder / "index.json").exists():
        print(f"{arguments.folder}: no index.json there", file=sys.stderr)
        return 2
    index = json.loads((arguments.folder / "index.json").read_text(encoding="utf-8"))
    # Charts with a Canary, from an index of those, are migrated only.
    index = [named(entry) for entry in index if entry.get("form", "chart") == "chart"]
    chosen = [chart for chart in index if arguments.only in chart["id"]][:: arguments.every]
    with tempfile.TemporaryDirectory(prefix="chartgen-bench-") as folder:
        with tarfile.open(next(arguments.folder.glob("*.tar.gz"))) as archive:
            archive.extractall(folder, filter="data")
        with ThreadPoolExecutor(arguments.jobs) as pool:
            outcomes = list(pool.map(lambda chart: in_process(Path(folder), chart, arguments.helm), chosen))
    report(outcomes)
    faults = (outcome.damaged or outcome.unrestored or outcome.crashed or outcome.differing for outcome in outcomes)
    return 1 if any(faults) else 0


def named(entry: dict[str, Any]) -> dict[str, Any]:
    """The entry with its `id` and `dir`, which an index of Canaries calls `file`."""
    return entry if "id" in entry else {**entry, "id": entry["file"], "dir": entry["file"]}


def in_process(root: Path, entry: dict[str, Any], helm: str) -> Outcome:
    """`try_chart` in a process of its own, so that only this chart crashes."""
    command = [sys.executable, __file__, str(root), "--worker", "--helm", helm]
    try:
        done = subprocess.run(
            command, input=json.dumps(entry).encode(), capture_output=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return Outcome(entry["id"], has_target(entry), {"add-canary": 124}, {"add-canary": "timed out"})
    if done.returncode:
        stderr = done.stderr.decode("utf-8", "replace")
        return Outcome(entry["id"], has_target(entry), {"add-canary": done.returncode}, {"add-canary": stderr})
    return Outcome(**json.loads(done.stdout))


def has_target(entry: dict[str, Any]) -> bool:
    """Whether the chart renders and has a workload with a Service."""
    return bool(entry.get("target") and entry.get("renders"))


def try_chart(root: Path, entry: dict[str, Any], helm: str) -> Outcome:
    """All commands on a copy of one chart."""
    outcome = Outcome(entry["id"], has_target(entry))
    original = root / entry["dir"]
    copy = root / "work" / re.sub(r"[^A-Za-z0-9]+", "-", entry["id"])
    shutil.copytree(original, copy, symlinks=True)
    before = files_of(copy)
    if entry.get("form") == "chart" or has_canary(copy):
        run(outcome, "migrate", ["migrate", str(copy), "--format", "json"])
        outcome.migration = migration(outcome)
        run(outcome, "migrate again", ["migrate", str(copy), "--check"])
        shutil.rmtree(copy)
        shutil.copytree(original, copy, symlinks=True)
    if entry.get("form") == "chart":
        return outcome
    run(outcome, "lint before", ["lint", str(copy), "--fail-on", "never"])
    add_canary(outcome, copy)
    for target in _targets(outcome.output["add-canary"]):
        add_canary(outcome, copy, "--target", target)
        if outcome.codes["add-canary"] == 0:
            break
    if outcome.codes["add-canary"] == 0:
        outcome.damaged = damaged(copy, before)
        outcome.differing = list(differing(helm, original, copy)) if helm else []
        run(outcome, "again", ["add-canary", str(copy), "--check"])
        run(outcome, "lint", ["lint", str(copy)])
        run(outcome, "emit", ["emit", str(copy)])
        run(outcome, "remove-canary", ["remove-canary", str(copy)])
        after = files_of(copy)
        outcome.unrestored = [path for path in before.keys() | after.keys() if before.get(path) != after.get(path)]
    elif files_of(copy) != before:
        outcome.damaged = ["changed although refused"]
    return outcome


def add_canary(outcome: Outcome, chart: Path, *options: str) -> None:
    """Run add-canary, again with the `--accept RULE` that a refusal names."""
    run(outcome, "add-canary", ["add-canary", str(chart), *options])
    rules = re.findall(r"--accept ([a-z0-9-]+)", outcome.output["add-canary"]) if outcome.codes["add-canary"] else []
    if rules:
        accept = [word for rule in rules for word in ("--accept", rule)]
        run(outcome, "add-canary", ["add-canary", str(chart), *options, *accept])
        outcome.accepted = rules if outcome.codes["add-canary"] == 0 else []


def has_canary(folder: Path) -> bool:
    """Whether a template of the chart contains a Canary."""
    return any(b"kind: Canary" in path.read_bytes() for path in folder.glob("templates/**/*.y*ml") if path.is_file())


def migration(outcome: Outcome) -> str:
    """What migrate did: migrated, nothing to do, or the refusal."""
    if outcome.codes["migrate"]:
        return "refused: " + outcome.output["migrate"].splitlines()[0].partition(": Helm")[2][:90]
    result = json.loads(outcome.output["migrate"])
    left = ", with edits left to do by hand" if result["left"] else ""
    return ("migrated" if result["changes"] else "nothing to do") + left


def _targets(output: str) -> list[str]:
    """The workloads between which add-canary asks to choose."""
    asked = re.search(r"renders \d+ workloads: ([^.]+)\. Choose one", output)
    return asked[1].split(", ")[:MOST_TARGETS] if asked else []


def run(outcome: Outcome, label: str, arguments: list[str]) -> None:
    """One command, through the same guard as the program."""
    from chartgen.cli.app import app
    from chartgen.cli.guard import guarded

    stream = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="surrogateescape")
    started = time.monotonic()
    with contextlib.redirect_stdout(stream), contextlib.redirect_stderr(stream):
        outcome.codes[label] = guarded(lambda: app(args=arguments, prog_name="chartgen"))
    outcome.seconds[label] = time.monotonic() - started
    stream.seek(0)
    outcome.output[label] = stream.read().encode("utf-8", "replace").decode()


def differing(helm: str, original: Path, changed: Path) -> Iterator[str]:
    """The releases in which `helm template` prints other bytes than before, except those that differ in every run."""
    for namespace, options in (("outside", []), ("jx-production", ["--set", "canary.enable=false"])):
        before = template(helm, original, namespace)
        if before == template(helm, original, namespace) != template(helm, changed, namespace, *options):
            yield f"namespace {namespace} {' '.join(options)}"


def template(helm: str, folder: Path, namespace: str, *options: str) -> bytes:
    """The output of the program, empty if it refuses the chart."""
    command = [helm, "template", "blue", str(folder), "--namespace", namespace, *options]
    environment = {**os.environ, "KUBECONFIG": os.devnull}
    return subprocess.run(command, capture_output=True, check=False, env=environment, timeout=SECONDS).stdout


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file below the folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def damaged(folder: Path, before: dict[str, bytes]) -> list[str]:
    """Files that differ from `before` by more than the edits: templates without them must be unchanged."""
    name = load_chart(folder).name
    after = files_of(folder)
    found = []
    made = {path for slot in slots_in(after) for path in slot.files} - before.keys()
    for path in sorted(before.keys() | after.keys() - made):
        was, now = before.get(path), after.get(path)
        if was == now or (was is None and path == "values.yaml"):
            continue
        if was is None or now is None or not explained(path, was, now, name):
            found.append(path)
    return found


def explained(path: str, was: bytes, now: bytes, name: str) -> bool:
    """Whether the edit accounts for the difference: one insertion, or lines that `strip` removes."""
    if path.startswith("templates/"):
        return strip(now.decode("utf-8", "surrogateescape"), name).encode("utf-8", "surrogateescape") == was
    if path not in {"values.yaml", "values.schema.json"}:
        return False
    common = next((index for index, (old, new) in enumerate(zip(was, now, strict=False)) if old != new), len(was))
    return len(now) > len(was) and now.endswith(was[common:])


def report(outcomes: list[Outcome]) -> None:
    """The tables."""
    tried = [outcome for outcome in outcomes if "add-canary" in outcome.codes]
    reachable = [outcome for outcome in tried if outcome.target and reason(outcome) != HAS_CANARY]
    for title, group in (("charts with a reachable workload and no canary", reachable), ("all charts", tried)):
        injected = [outcome for outcome in group if outcome.codes["add-canary"] == 0]
        share = 100 * len(injected) / max(1, len(group))
        print(f"\n{title}: {len(group)}, injected {len(injected)} ({share:.1f} %)")
        accepted = Counter(" ".join(outcome.accepted) for outcome in injected if outcome.accepted)
        for rules, number in accepted.most_common():
            print(f"  of these, with --accept {number:4}  {rules}")
        print(f"  a second run would change something: {count(injected, 'again', 1)}")
        print(f"  lint of the result: exit 0 {count(injected, 'lint', 0)}, 1 {count(injected, 'lint', 1)}")
        print(f"  emit of the result: exit 0 {count(injected, 'emit', 0)}")
        print(f"  removed again: {count(injected, 'remove-canary', 0)}")
        refused = Counter(reason(outcome) for outcome in group if outcome.codes["add-canary"] != 0)
        for cause, number in refused.most_common():
            print(f"  refused {number:4}  {cause}")
    print_faults("files changed outside the edits", {outcome.name: outcome.damaged for outcome in outcomes})
    print(f"\ncharts with a Canary of their own: {sum(bool(outcome.migration) for outcome in outcomes)}")
    for what, number in Counter(outcome.migration for outcome in outcomes if outcome.migration).most_common():
        print(f"  {number:4}  {what}")
    print(f"  a second run would change something: {count(outcomes, 'migrate again', 1)}")
    print_faults("files not restored by remove-canary", {outcome.name: outcome.unrestored for outcome in outcomes})
    print_faults(
        "renderings by real helm that differ outside", {outcome.name: outcome.differing for outcome in outcomes}
    )
    crashes = {
        outcome.name: [f"{label}: {outcome.output[label][-300:]}" for label in outcome.crashed] for outcome in outcomes
    }
    print_faults("crashes", crashes)
    for label in ("lint before", "add-canary", "lint", "emit", "remove-canary", "migrate"):
        times = sorted(outcome.seconds[label] for outcome in outcomes if label in outcome.seconds)
        if times:
            print(f"{label}: median {times[len(times) // 2]:.2f} s, longest {times[-1]:.1f} s")


def print_faults(title: str, faults: dict[str, list[str]]) -> None:
    """How many, and each with its chart."""
    print(f"\n{title}: {sum(map(len, faults.values()))}")
    for name, lines in faults.items():
        for line in lines:
            print(f"  {name}: {line}")


def count(outcomes: list[Outcome], label: str, code: int) -> int:
    """How many ended with this exit code."""
    return sum(outcome.codes.get(label) == code for outcome in outcomes)


HAS_CANARY = "the chart already has a canary"
_REASONS = (
    (r"created by chartgen|chartgen created it|key `canary`|renders the Canary", HAS_CANARY),
    (r"renders \d+ workloads", "several workloads and no --target"),
    (r"(?:renders|has) no Deployment or DaemonSet", "no Deployment or DaemonSet of its own"),
    (r"has no Service and declares no", "neither a Service nor a TCP container port"),
    (r"is not in charts/", "unresolved dependencies"),
    (r"and so would Flagger", "routes of its own under the apex name"),
    (r"can't find an expression", "no movable expression for a name"),
    (r"without changing something else", "the proof found another difference"),
)


def reason(outcome: Outcome) -> str:
    """The refusal in a few words."""
    output = outcome.output["add-canary"]
    for pattern, cause in _REASONS:
        if re.search(pattern, output):
            return cause
    return f"other: {output.splitlines()[0][:110] if output else ''}"


if __name__ == "__main__":
    sys.exit(main())
