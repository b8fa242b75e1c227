"""The objects of one kind in one namespace, kept up to date by a watch, as controllers keep them: asking costs nothing."""

from __future__ import annotations

import http.client
import json
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.client import Client, JsonObject

_AGAIN_AFTER = 0.2


@dataclass(slots=True)
class Informer:
    """Lists, then watches in a thread, until `stop`."""

    client: Client
    api_version: str
    kind: str
    namespace: str
    _objects: dict[str, JsonObject] = field(default_factory=dict)
    _synced: threading.Event = field(default_factory=threading.Event)
    _stopped: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        threading.Thread(target=self._run, daemon=True).start()
        if not self._synced.wait(30):
            raise TimeoutError(f"{self.kind} in {self.namespace}: not listed within 30 s")

    def stop(self) -> None:
        self._stopped.set()

    def objects(self) -> list[JsonObject]:
        return list(self._objects.values())

    def get(self, name: str) -> JsonObject | None:
        return self._objects.get(name)

    def _run(self) -> None:
        path = self.client.path(self.api_version, self.kind, self.namespace)
        while not self._stopped.is_set():
            try:
                self._follow(path)
            except (OSError, http.client.HTTPException, ValueError):
                time.sleep(_AGAIN_AFTER)

    def _follow(self, path: str) -> None:
        listed = self.client.must("GET", path)
        self._objects = {each["metadata"]["name"]: each for each in listed["items"]}
        self._synced.set()
        for event in self._events(path, listed["metadata"]["resourceVersion"]):
            name = event["object"].get("metadata", {}).get("name")
            if event["type"] == "DELETED":
                self._objects.pop(name, None)
            elif event["type"] in {"ADDED", "MODIFIED"}:
                self._objects[name] = event["object"]
            elif event["type"] == "ERROR":
                return  # Too old a version: list again.

    def _events(self, path: str, version: str) -> Iterator[JsonObject]:
        connection = self.client.connect()
        try:
            target = f"{path}?watch=1&resourceVersion={version}"
            connection.request("GET", target, headers={"Authorization": f"Bearer {self.client.token}"})
            response = connection.getresponse()
            while not self._stopped.is_set() and (line := response.readline()):
                yield json.loads(line)
        finally:
            connection.close()
