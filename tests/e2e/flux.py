"""Flux's helm-controller and kustomize-controller on a plane of the tests' own, and a stand-in for source-controller.

No Git and no chart repository: a story passes an archive to the stand-in, which serves it on loopback and writes
`status.artifact` as source-controller does after a fetch. Everything else is the controllers' own.
"""

from __future__ import annotations

import hashlib
import itertools
import threading
import time
from datetime import datetime, timezone
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

from tests.e2e.apiserver import tool
from tests.e2e.client import APPLY_PATCH, MERGE_PATCH
from tests.e2e.tools.parts import LONG_CRD_FILES

if TYPE_CHECKING:
    from pathlib import Path

    from typing_extensions import Self

    from tests.e2e.client import JsonObject
    from tests.e2e.plane import Plane
    from tests.e2e.process import Child

SOURCES = "source.toolkit.fluxcd.io/v1"
CONTROLLERS = ("helm-controller", "kustomize-controller")
_ADDRESS = "127.0.0.1"
_EVERY, _WITHIN = 0.2, 120.0


class Flux:
    """Both controllers and the stand-in, as a context manager around a running plane, which ends the controllers."""

    def __init__(self, plane: Plane) -> None:
        self.plane = plane
        self._served = plane.folder / "artifacts"
        self._served.mkdir()
        self._numbers = itertools.count(1)
        plane.api.install_crds(*(crds.name for crds in LONG_CRD_FILES))
        self._server = ThreadingHTTPServer((_ADDRESS, 0), partial(_Handler, directory=str(self._served)))
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._children = [self._start(name) for name in CONTROLLERS]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _start(self, name: str) -> Child:
        addresses = [f"--{kind}-addr={_ADDRESS}:0" for kind in ("metrics", "health")]
        return self.plane.api.run([tool(name), *addresses], {"KUBECONFIG": str(self.plane.kubeconfig)})

    def apply(self, manifest: JsonObject) -> JsonObject:
        """Create the object, or make it this one."""
        path = f"{self.plane.client.path_of(manifest)}?fieldManager=team&force=true"
        return self.plane.client.must("PATCH", path, manifest, content_type=APPLY_PATCH)

    def reconcile(self, manifest: JsonObject) -> None:
        """`flux reconcile`, and wait until it's done."""
        asked = {"reconcile.fluxcd.io/requestedAt": str(next(self._numbers))}
        path = self.plane.client.path_of(manifest)
        patch = {"metadata": {"annotations": asked}}
        self.wait_for(self.plane.client.must("PATCH", path, patch, content_type=MERGE_PATCH))

    def wait_for(self, manifest: JsonObject) -> None:
        """Until the controller has reconciled this generation and request successfully."""
        end = time.monotonic() + _WITHIN
        path = self.plane.client.path_of(manifest)
        while not _is_reconciled(live := self.plane.client.must("GET", path), manifest["metadata"]["generation"]):
            for child in self._children:
                child.must_live()
            if time.monotonic() > end:
                logs = "\n".join(child.tail() for child in self._children)
                raise AssertionError(f"not reconciled within {_WITHIN:.0f} s: {live}\n{logs}")
            time.sleep(_EVERY)

    def publish(self, kind: str, namespace: str, name: str, archive: Path, revision: str) -> None:
        """What source-controller does once it has fetched a revision of this source."""
        served = self._served / f"{next(self._numbers)}-{archive.name}"
        served.write_bytes(archive.read_bytes())
        path = self.plane.client.path(SOURCES, kind, namespace, name)
        generation = self._source(path)["metadata"]["generation"]
        now = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        artifact = {
            "path": served.name,
            "url": f"http://{_ADDRESS}:{self._server.server_address[1]}/{served.name}",
            "revision": revision,
            "digest": f"sha256:{hashlib.sha256(served.read_bytes()).hexdigest()}",
            "lastUpdateTime": now,
            "size": served.stat().st_size,
        }
        ready = {
            "type": "Ready",
            "status": "True",
            "reason": "Succeeded",
            "message": "stored",
            "lastTransitionTime": now,
        }
        status = {"observedGeneration": generation, "artifact": artifact, "conditions": [ready]}
        self.plane.client.must("PATCH", f"{path}/status", {"status": status}, content_type=MERGE_PATCH)

    def _source(self, path: str) -> JsonObject:
        """The source, once it's there: helm-controller makes the HelmChart of a HelmRelease."""
        end = time.monotonic() + _WITHIN
        while (answer := self.plane.client.send("GET", path)).code != 200 and time.monotonic() < end:
            time.sleep(_EVERY)
        return answer.body


def _is_reconciled(live: JsonObject, generation: int) -> bool:
    status = live.get("status") or {}
    asked = (live["metadata"].get("annotations") or {}).get("reconcile.fluxcd.io/requestedAt")
    conditions = {each["type"]: each["status"] for each in status.get("conditions") or ()}
    return (
        status.get("observedGeneration", -1) >= generation
        and status.get("lastHandledReconcileAt") == asked
        and conditions.get("Ready") == "True"
        and conditions.get("Reconciling", "False") == "False"
    )


class _Handler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it so.
        """Nothing: a request isn't worth a line among the test's output."""
