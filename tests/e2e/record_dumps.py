"""Record the dumps of `fixtures/cluster` again: `python -m tests.e2e.record_dumps`. Takes about a minute.

A sound cluster (readiness.py), as `preflight --dump-commands` dumps it, without what preflight doesn't read.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

from chartgen.cluster.access.dump import dump_commands
from tests.e2e.plane import Plane
from tests.e2e.process import PlaneError
from tests.e2e.readiness import MONITORING, SYSTEM, Cluster
from tests.e2e.release import PRODUCTION

FIXTURES = Path(__file__).parents[2] / "fixtures" / "cluster"
_NAMESPACES = ("", PRODUCTION, MONITORING, SYSTEM, "flagger-system")
_IDLE = ("managedFields", "uid", "resourceVersion", "generation", "creationTimestamp", "selfLink", "ownerReferences")
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def main() -> int:
    folder = Path(tempfile.mkdtemp(prefix="chartgen-dumps-"))
    try:
        with Plane(folder / "plane") as plane:
            cluster = Cluster(plane, folder / "work")
            cluster.build()
            dumps = folder / "dumps"
            dumps.mkdir()
            commands = dump_commands(str(dumps)).replace("-o yaml", "-o json").replace(".yaml", ".json")
            cluster.shell(commands)
            _write(dumps)
            _write_chart(cluster)
    except PlaneError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    return 0


def _write(dumps: Path) -> None:
    FIXTURES.mkdir(exist_ok=True)
    for path in dumps.iterdir():
        text = path.read_text()
        if path.stem == "secrets":
            kept = [each for each in re.split(r"^---\n", text, flags=re.MULTILINE) if "helm.release" not in each]
            (FIXTURES / "secrets.yaml").write_text("---\n".join(kept))
            continue
        if not text:
            continue  # kubectl has nothing to say about a kind that isn't served.
        items = [_trimmed(each) for each in json.loads(text)["items"] if _place(each) in _NAMESPACES]
        lines = ",\n".join(json.dumps(each, separators=(",", ":")) for each in items)
        (FIXTURES / path.name).write_text(f'{{"apiVersion":"v1","kind":"List","items":[\n{lines}\n]}}\n')


def _place(body: dict[str, Any]) -> str:
    return str(body["metadata"].get("namespace") or (body["metadata"]["name"] if body["kind"] == "Namespace" else ""))


def _trimmed(body: dict[str, Any]) -> dict[str, Any]:
    for key in _IDLE:
        body["metadata"].pop(key, None)
    body["metadata"].get("annotations", {}).pop(_LAST_APPLIED, None)
    if body["kind"] == "CustomResourceDefinition":
        body["metadata"].pop("annotations", None)
        body.pop("status", None)
        for version in body["spec"]["versions"]:
            if body["spec"]["group"] != "flagger.app":
                version.pop("schema", None)
        body = _undescribed(body)
    return body


def _undescribed(node: Any) -> Any:
    """The schema without its descriptions."""
    if isinstance(node, dict):
        return {key: _undescribed(value) for key, value in node.items() if not _is_description(key, value)}
    return [_undescribed(each) for each in node] if isinstance(node, list) else node


def _is_description(key: str, value: Any) -> bool:
    return key == "description" and isinstance(value, str)


def _write_chart(cluster: Cluster) -> None:
    """The manifests of the chart, which are small, in place of the chart."""
    text = cluster.helm("template", "ready", str(cluster.chart), "-n", PRODUCTION, "-f", str(cluster.values))
    (FIXTURES.parent / "cluster-chart.yaml").write_text(text)


if __name__ == "__main__":
    sys.exit(main())
