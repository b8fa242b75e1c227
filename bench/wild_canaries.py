"""Lint canaries from the wild: `python bench/wild_canaries.py [--audit] [--severity error|warning|all] [--added N]`.

Prints findings per rule and severity, findings with an exact line, and error-level findings for Flagger's own examples
(`clean: true`), of which there must be none. With `--audit`, lists every error (or every finding of `--severity`) with
its evidence, for a person to judge: the object, the release and the line that it points to. `--added N` lints N of the
charts of `../shared/charts` after `add-canary` instead; the same ones each time. `--shared` is the folder with both.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tarfile
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chartgen.helm.select import select_engine
from chartgen.lint.engine import lint_paths
from chartgen.lint.request import LintRequest
from chartgen.rules.rule import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.lint.finding import Finding, LintResult

SHARED = Path(__file__).parents[2] / "shared"


def main() -> int:
    """Print the tables; 1 if one of Flagger's own examples has an error."""
    options = _options()
    data = options.shared / ("charts" if options.added else "canaries")
    if not data.is_dir():
        print(f"{data}: no such folder")
        return 2
    with tempfile.TemporaryDirectory() as temporary, tarfile.open(data / f"{data.name}.tar.gz") as archive:
        archive.extractall(temporary)
        index = json.loads((data / "index.json").read_text())
        folder = Path(temporary)
        subjects = _with_canary(folder, index, options.added) if options.added else _canaries(folder, index)
        return _report(subjects, options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--audit", action="store_true")
    parser.add_argument("--severity", choices=[*(each.value for each in Severity), "all"], default=Severity.ERROR.value)
    parser.add_argument("--added", type=int, default=0, metavar="N")
    parser.add_argument("--shared", type=Path, default=SHARED)
    return parser.parse_args()


def _canaries(folder: Path, index: list[dict[str, Any]]) -> Iterator[tuple[str, Path, bool]]:
    """Name, path and `clean` of each canary."""
    for item in index:
        path = next(base / item["file"] for base in (folder, folder / "canaries") if (base / item["file"]).exists())
        yield item["file"], path, bool(item["clean"])


def _with_canary(folder: Path, index: list[dict[str, Any]], count: int) -> Iterator[tuple[str, Path, bool]]:
    """A sample of the charts, after add-canary for their only Deployment or the first of them."""
    items = sorted((item for item in index if item["target"]), key=lambda item: str(item["dir"]))
    random.Random(1).shuffle(items)
    done = 0
    for item in items if count else ():
        path = next(base / item["dir"] for base in (folder, folder / "charts") if (base / item["dir"]).exists())
        several = len(item["deployments"]) > 1
        chosen = ["--target", item["deployments"][0]] if several else []
        command = [sys.executable, "-m", "chartgen", "add-canary", str(path), *chosen]
        if subprocess.run(command, capture_output=True, check=False).returncode == 0:
            done += 1
            yield item["dir"], path, False
        if done == count:
            return


def _report(subjects: Iterator[tuple[str, Path, bool]], options: argparse.Namespace) -> int:
    engine = select_engine()
    rules: Counter[tuple[str, str]] = Counter()
    counts: Counter[str] = Counter()
    false_errors: list[str] = []
    started = time.monotonic()
    for name, path, clean in subjects:
        result = lint_paths(engine, [path], LintRequest(no_config=True))
        counts["linted"] += 1
        counts["with a canary"] += result.with_canary
        for finding in result.findings:
            rules[finding.rule, finding.severity.value] += 1
            counts["findings"] += 1
            counts["findings at an exact line"] += finding.exact
            if clean and finding.severity is Severity.ERROR:
                false_errors.append(f"{name}: {finding.rule}: {finding.message}")
        if options.audit:
            _print_evidence(name, path, result, options.severity)
    for (rule, severity), count in sorted(rules.items(), key=lambda pair: (-pair[1], pair[0])):
        print(f"{count:5} {severity:8} {rule}")
    for title, count in counts.items():
        print(f"{count:5} {title}")
    print(
        f"{time.monotonic() - started:.1f} s; errors on Flagger's own examples: {len(false_errors)}",
        *false_errors,
        sep="\n",
    )
    return 1 if false_errors else 0


def _print_evidence(name: str, path: Path, result: LintResult, severity: str) -> None:
    for finding in result.findings:
        if severity in {finding.severity.value, "all"}:
            about = f"{finding.object.kind}/{finding.object.name}{finding.manifest_path}" if finding.object else "chart"
            print(f"{name}: {finding.rule}: {finding.message}", f"[{finding.severity.value}]")
            print(f"    {about}; in {', '.join(finding.releases) or 'the file'}")
            print(f"    {finding.path.removeprefix(str(path))}:{finding.line}: {_line(finding)}")


def _line(finding: Finding) -> str:
    """The line that a finding points to; empty inside an archive."""
    file = Path(finding.path)
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines() if file.is_file() else []
    return lines[finding.line - 1].strip() if finding.line <= len(lines) else ""


if __name__ == "__main__":
    sys.exit(main())
