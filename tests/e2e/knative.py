"""A stand-in for Knative's controllers: what Flagger sees of serving v0.49.1, without pods, routes or defaults.

Several times a second, for each Knative Service of a namespace:

- a new template makes Revision NAME-00001 and on, and `status.latestCreatedRevisionName` (configuration.go)
- a moment later the Revision is ready, unless its template has the annotation `example.test/ready: never`
- `status.latestReadyRevisionName` is the newest ready one
- `status.traffic` follows `spec.traffic` when every revision in it is ready (traffic.go:targetToStatus, mergeIfNecessary)
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.e2e.client import MERGE_PATCH, ApiError

if TYPE_CHECKING:
    from tests.e2e.client import Client, JsonObject

API = "serving.knative.dev/v1"
_PAUSE, _STARTS_IN = 0.25, 0.3
_READY = {"type": "Ready", "status": "True"}


@dataclass(slots=True)
class Knative:
    """Reconciles the Services of one namespace in a thread, from `start` to `stop`."""

    client: Client
    namespace: str
    _templates: dict[str, list[JsonObject]] = field(default_factory=dict)
    _made: dict[str, float] = field(default_factory=dict)
    _stopped: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        if self._thread:
            self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(_PAUSE):
            for service in self._services():
                try:
                    self._reconcile(service)
                except ApiError:
                    # The Service was changed or deleted meanwhile: the next round sees it as it is.
                    continue

    def _services(self) -> list[JsonObject]:
        try:
            return self.client.items(API, "Service", self.namespace)
        except ApiError:
            # A new resource's watch cache isn't there at once.
            return []

    def _reconcile(self, service: JsonObject) -> None:
        name, template = service["metadata"]["name"], _bare(service["spec"]["template"])
        known = self._templates.setdefault(name, [])
        if not known or known[-1] != template:
            known.append(template)
            self._create_revision(name, len(known), service["spec"]["template"])
        revisions = [f"{name}-{number:05}" for number in range(1, len(known) + 1)]
        ready = [each for each in revisions if self._is_ready(each)]
        status: JsonObject = {"latestCreatedRevisionName": revisions[-1]}
        if ready:
            status["latestReadyRevisionName"] = ready[-1]
            traffic = _traffic(service["spec"].get("traffic"), ready)
            if traffic is not None:
                status |= {"traffic": traffic}
                if ready[-1] == revisions[-1]:
                    status |= {"observedGeneration": service["metadata"]["generation"], "conditions": [_READY]}
        old = service.get("status") or {}
        if any(old.get(key) != value for key, value in status.items()):
            self._write_status("Service", name, status)

    def _create_revision(self, name: str, number: int, template: JsonObject) -> None:
        given, revision = template.get("metadata") or {}, f"{name}-{number:05}"
        kept = {key: given.get(key) or {} for key in ("annotations", "labels")}
        metadata = {"name": revision, "namespace": self.namespace, **kept}
        self.client.create({"apiVersion": API, "kind": "Revision", "metadata": metadata, "spec": template["spec"]})
        self._made[revision] = time.monotonic()

    def _is_ready(self, name: str) -> bool:
        revision = self.client.get(API, "Revision", self.namespace, name)
        if revision is None:
            return False
        if (revision.get("status") or {}).get("conditions"):
            return True
        annotations = revision["metadata"].get("annotations") or {}
        if annotations.get("example.test/ready") != "never" and time.monotonic() - self._made[name] > _STARTS_IN:
            generation = revision["metadata"]["generation"]
            self._write_status("Revision", name, {"observedGeneration": generation, "conditions": [_READY]})
            return True
        return False

    def _write_status(self, kind: str, name: str, status: JsonObject) -> None:
        path = self.client.path(API, kind, self.namespace, name)
        self.client.must("PATCH", f"{path}/status", {"status": status}, content_type=MERGE_PATCH)


def _traffic(entries: list[JsonObject] | None, ready: list[str]) -> list[JsonObject] | None:
    """`status.traffic`, None while a revision in it isn't ready."""
    traffic: list[JsonObject] = []
    for entry in entries or [{"latestRevision": True, "percent": 100}]:
        follows = entry.get("latestRevision", not entry.get("revisionName"))
        revision = ready[-1] if follows else entry["revisionName"]
        if revision not in ready:
            return None
        found = {"latestRevision": follows, "percent": entry.get("percent", 0), "revisionName": revision}
        twin = next((each for each in traffic if {**each, "percent": 0} == {**found, "percent": 0}), None)
        if twin:
            twin["percent"] += found["percent"]
        else:
            traffic.append(found)
    return traffic


def _bare(value: Any) -> Any:
    """Without empty fields, which Flagger's Go types write."""
    if isinstance(value, dict):
        held = {key: _bare(each) for key, each in value.items() if key != "creationTimestamp"}
        return {key: each for key, each in held.items() if each not in (None, "", {}, [])}
    return [_bare(each) for each in value] if isinstance(value, list) else value
