"""Compare the documents of the embedded Helm with those of helm programs, chart by chart.

    python bench/engines.py FOLDER_OF_CHARTS HELM...

FOLDER_OF_CHARTS is searched for Chart.yaml; each HELM is a helm program. Charts that print something else at each
rendering (random passwords) are compared by their kinds and names only. Prints one line for each difference and the
counts; exit 1 where a difference has no known reason.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chartgen.charts.load import load_chart
from chartgen.errors import ChartgenError, UsageError
from chartgen.helm.binary import BinaryEngine
from chartgen.helm.embedded import EmbeddedEngine
from chartgen.helm.limits import RenderLimits
from chartgen.helm.request import RenderRequest
from chartgen.manifests.documents import manifests_of

if TYPE_CHECKING:
    from chartgen.charts.chart import Chart
    from chartgen.helm.engine import Engine

# The embedded engine says that the cluster is of the Kubernetes release it was built for, each program of its own.
REQUEST = RenderRequest(release_name="shop", namespace="live", kube_version="1.31.0")
NO_LIMITS = RenderLimits(0, 0)
Documents = dict[tuple[str, str, str, int], Any]


def main() -> int:
    """Compare every chart with every program."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("charts", type=Path)
    parser.add_argument("helm", nargs="+")
    parser.add_argument("--every", type=int, default=1, metavar="N", help="Compare each Nth chart only.")
    given = parser.parse_args()
    embedded = EmbeddedEngine(NO_LIMITS)
    counts: Counter[str] = Counter()
    for path in charts_in(given.charts)[:: given.every]:
        for kind, line in compared(embedded, path, given.charts, given.helm):
            counts[kind] += 1
            if kind != "same":
                print(f"{kind}: {line}", flush=True)
        if sum(counts.values()) % 10 == 0:
            print(dict(counts), file=sys.stderr, flush=True)
    print(", ".join(f"{kind} {count}" for kind, count in sorted(counts.items())))
    return 1 if counts["different"] else 0


def charts_in(top: Path) -> list[Path]:
    """The charts below a folder, without those inside other charts."""
    found = {path.parent for path in top.rglob("Chart.yaml")}
    return sorted(path for path in found if not found.intersection(path.parents))


def compared(embedded: Engine, path: Path, top: Path, programs: list[str]) -> list[tuple[str, str]]:
    """One verdict and its line for each program."""
    name = str(path.relative_to(top))
    try:
        chart = load_chart(path)
    except ChartgenError as error:
        return [("not read", f"{name}: {error.message[:100]}")]
    ours, again = (documents(embedded, chart) for _ in range(2))
    return [
        verdict(f"{name} ({Path(program).name})", ours, again, documents(BinaryEngine(program, NO_LIMITS), chart))
        for program in programs
    ]


def documents(engine: Engine, chart: Chart) -> Documents | str:
    """The documents by template, kind, name and number among equals; the message of a chart that does not render."""
    found: Documents = {}
    try:
        for manifest in manifests_of(engine, engine.render(chart, REQUEST)):
            key = (manifest.template, manifest.kind, manifest.name)
            number = sum(other[:3] == key for other in found)
            found[manifest.template, manifest.kind, manifest.name, number] = dict(manifest.body)
    except ChartgenError as error:
        return "usage" if isinstance(error, UsageError) else error.message
    return found


def verdict(  # noqa: PLR0911 - one case per verdict
    name: str, ours: Documents | str, again: Documents | str, theirs: Documents | str
) -> tuple[str, str]:
    """`same`, or how they differ."""
    if isinstance(ours, str) and isinstance(theirs, str):
        return "same", name
    if isinstance(ours, str) or isinstance(theirs, str):
        if isinstance(theirs, str) and re.search("missing in charts|dependencies", theirs):
            return "dependencies are not vendored, which programs check", name
        error = ours if isinstance(ours, str) else theirs
        return (
            "different",
            f"{name}: {'embedded' if isinstance(ours, str) else 'program'} refuses: {str(error)[:160]!r}",
        )
    if ours == theirs:
        return "same", name
    if set(ours) != set(theirs):
        return "different", f"{name}: documents {sorted(set(ours) ^ set(theirs))[:3]}"
    if ours != again:
        return "same but for what is random", name
    changed = [key for key in ours if ours[key] != theirs[key]]
    return "different", f"{name}: {changed[:2]}: {first_difference(ours[changed[0]], theirs[changed[0]])}"


def first_difference(ours: Any, theirs: Any, at: str = "") -> str:
    """Where two documents part, and how."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        key = next(key for key in {**ours, **theirs} if ours.get(key, ...) != theirs.get(key, ...))
        return first_difference(ours.get(key, "absent"), theirs.get(key, "absent"), f"{at}/{key}")
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        index = next(index for index, pair in enumerate(zip(ours, theirs, strict=True)) if pair[0] != pair[1])
        return first_difference(ours[index], theirs[index], f"{at}/{index}")
    return f"{at}: {str(ours)[:80]!r} and {str(theirs)[:80]!r}"


if __name__ == "__main__":
    sys.exit(main())
