"""Lint the canaries from the wild (../shared/canaries) and print findings per rule and severity.

Also counts findings with an exact line, and error-level findings for Flagger's own examples (`clean: true`), of which
there must be none.
"""

from __future__ import annotations

import json
import sys
import tarfile
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from chartgen.helm.select import select_engine
from chartgen.lint.engine import lint_paths
from chartgen.lint.request import LintRequest
from chartgen.rules.rule import Severity

SHARED = Path(__file__).parents[2] / "shared" / "canaries"


def main() -> int:
    """Print the tables; 1 if one of Flagger's own examples has an error."""
    if not SHARED.is_dir():
        print(f"{SHARED}: no such folder")
        return 2
    with tempfile.TemporaryDirectory() as folder, tarfile.open(SHARED / "canaries.tar.gz") as archive:
        archive.extractall(folder)
        return _report(Path(folder), json.loads((SHARED / "index.json").read_text()))


def _report(folder: Path, index: list[dict[str, Any]]) -> int:
    engine = select_engine()
    rules: Counter[tuple[str, str]] = Counter()
    counts: Counter[str] = Counter()
    false_errors: list[str] = []
    started = time.monotonic()
    for item in index:
        path = next(base / item["file"] for base in (folder, folder / "canaries") if (base / item["file"]).exists())
        result = lint_paths(engine, [path], LintRequest(no_config=True))
        counts["linted"] += 1
        counts["with a canary"] += result.with_canary
        for finding in result.findings:
            rules[finding.rule, finding.severity.value] += 1
            counts["findings"] += 1
            counts["findings at an exact line"] += finding.exact
            if item["clean"] and finding.severity is Severity.ERROR:
                false_errors.append(f"{item['file']}: {finding.rule}: {finding.message}")
    for (rule, severity), count in sorted(rules.items(), key=lambda pair: (-pair[1], pair[0])):
        print(f"{count:5} {severity:8} {rule}")
    for name, count in counts.items():
        print(f"{count:5} {name}")
    print(
        f"{time.monotonic() - started:.1f} s; errors on Flagger's own examples: {len(false_errors)}",
        *false_errors,
        sep="\n",
    )
    return 1 if false_errors else 0


if __name__ == "__main__":
    sys.exit(main())
