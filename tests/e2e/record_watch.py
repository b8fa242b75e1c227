"""Record what the API server says of rollouts, for `fixtures/watch`: `python -m tests.e2e.record_watch`; about 4 minutes."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chartgen.cluster.access.live import connect
from chartgen.cluster.watching.feed import Feed
from tests.e2e.answers import SUCCESS_RATE
from tests.e2e.plane import Plane
from tests.e2e.process import PlaneError
from tests.e2e.upgrades import FAULTS
from tests.e2e.watching import ready

if TYPE_CHECKING:
    from chartgen.cluster.watching.feed import Change
    from tests.e2e.release import Release

FIXTURES = Path(__file__).parents[2] / "fixtures" / "watch"
_ENDS = {"Succeeded", "Failed"}
_LIMIT = 240.0


def main() -> int:
    FIXTURES.mkdir(exist_ok=True)
    try:
        with Plane(Path(tempfile.mkdtemp(prefix="chartgen-watch-"))) as plane, ThreadPoolExecutor() as pool:
            plays = [pool.submit(_play, plane, name) for name in ("promoted", "success-rate", "stalled-pod")]
            for play in plays:
                play.result()
    except PlaneError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    return 0


def _play(plane: Plane, name: str) -> None:
    release = ready(plane, f"rec-{name}", "--progress-deadline", "30")
    values: dict[str, str] = {}
    if name == "success-rate":
        release.script.metrics = {SUCCESS_RATE: [42.5]}
    elif name == "stalled-pod":
        values = FAULTS[name][1]
    first = _line(release)
    feed = Feed(connect(str(plane.kubeconfig)), release.namespace, release.full).start()
    release.upgrade(image__tag="v2", **values)
    lines, begun, end = [json.dumps(first)], False, time.monotonic() + _LIMIT
    while time.monotonic() < end:
        change = feed.next(1)
        phase = ((change.canary or {}).get("status") or {}).get("phase")
        begun = begun or phase == "Progressing"
        if change.canary or change.event:
            lines.append(json.dumps(_kept(change)))
        elif begun and release.phase() in _ENDS:
            break
    (FIXTURES / f"{name}.jsonl").write_text("\n".join(lines) + "\n")


def _line(release: Release) -> dict[str, Any]:
    """The Canary and its target."""
    bodies = [release.canary(), release.object("apps/v1", "Deployment")]
    return {"opened": time.time(), "objects": [_slim(body) for body in bodies if body]}


def _slim(body: dict[str, Any]) -> dict[str, Any]:
    metadata = {key: body["metadata"][key] for key in ("name", "namespace")}
    return {"apiVersion": body["apiVersion"], "kind": body["kind"], "metadata": metadata, "spec": body["spec"]}


def _kept(change: Change) -> dict[str, Any]:
    if change.canary:
        return {"at": change.at, "canary": {"status": change.canary.get("status") or {}}}
    event = change.event or {}
    kept = {key: event.get(key) for key in ("message", "type", "count", "lastTimestamp")}
    return {"at": change.at, "event": {"metadata": {"name": event["metadata"]["name"]}, **kept}}


if __name__ == "__main__":
    sys.exit(main())
