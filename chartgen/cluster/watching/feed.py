"""Changes of one Canary and its events, from two watches of the API server that resume where they broke off."""

from __future__ import annotations

import json
import queue
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chartgen.cluster.access.live import LiveSource, status_message
from chartgen.cluster.access.resources import CANARIES, EVENTS
from chartgen.errors import ClusterError, InternalError
from chartgen.flagger.canary import as_list, as_mapping, as_str

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chartgen.cluster.access.resources import Resource
    from chartgen.cluster.access.source import Object
    from chartgen.errors import ChartgenError

# The API server ends each watch after this time (seconds); the next one resumes from the last resourceVersion.
_WATCH_SECONDS = 240
# An API server that restarts is back within this time.
_PATIENCE = 60.0
_PAUSE = 1.0
_GONE, _FORBIDDEN, _REFUSED = 410, 403, 400


@dataclass(frozen=True, slots=True)
class Change:
    """What happened at a time (Unix seconds): a state of the Canary, an event, its deletion, or nothing for a while."""

    at: float
    canary: Object | None = None
    event: Object | None = None
    deleted: bool = False
    error: ChartgenError | None = None


@dataclass(slots=True)
class Feed:
    """The changes of one Canary, from now on. `next` waits for one."""

    source: LiveSource
    namespace: str
    name: str
    _changes: queue.Queue[Change] = field(default_factory=queue.Queue)

    def start(self) -> Feed:
        """Begin both watches; ClusterError if the Canary doesn't exist or may not be watched."""
        canaries = _Watch(self, CANARIES, f"metadata.name={self.name}")
        events = _Watch(self, EVENTS, f"involvedObject.kind=Canary,involvedObject.name={self.name}")
        # The Canary's status says when its rollout began, and so which events belong to it.
        for watch in (canaries, events):
            watch.begin()
        return self

    def next(self, seconds: float) -> Change:
        """The next change, or one without content after `seconds`; ClusterError if a watch can't go on."""
        try:
            change = self._changes.get(timeout=max(seconds, 0.0))
        except queue.Empty:
            return Change(time.time())
        if change.error:
            raise change.error
        return change

    def put(self, change: Change) -> None:
        """Add a change; the watches call it from their threads."""
        self._changes.put(change)


@dataclass(slots=True)
class _Watch:
    """One watch. `version`: the resourceVersion from which it resumes; `heard`: when the server last answered."""

    feed: Feed
    resource: Resource
    selector: str
    version: str = ""
    heard: float = 0.0

    def begin(self) -> None:
        self._list()
        threading.Thread(target=self._run, daemon=True).start()

    def _query(self, **more: str) -> dict[str, str]:
        return {"fieldSelector": self.selector, **more}

    def _list(self) -> None:
        """Report everything that is there, and note the version to watch from."""
        path = self.resource.path(self.feed.namespace)
        response = self.feed.source.send(path, self._query())
        if response.status >= _REFUSED:
            raise self._refused(response.status, response.data)
        listed = as_mapping(self.feed.source.document(response.data))
        found = [each for each in as_list(listed.get("items")) if isinstance(each, dict)]
        if self.resource is CANARIES and not found:
            if self.version:
                self.feed.put(Change(time.time(), deleted=True))
            else:
                raise ClusterError(
                    f"Canary {self.feed.namespace}/{self.feed.name} doesn't exist",
                    hint=f"look for it: kubectl get canaries --namespace {self.feed.namespace}",
                )
        for body in found:
            self._report(body)
        self.version = as_str(as_mapping(listed.get("metadata")).get("resourceVersion"))
        self.heard = time.monotonic()

    def _refused(self, status: int, data: bytes) -> ClusterError:
        reason = status_message(data) or f"the API server answers {status}"
        hint = "ask for the rights that `chartgen preflight --rbac` prints" if status == _FORBIDDEN else None
        return ClusterError(f"{self.feed.source.name}: {reason}", hint=hint)

    def _report(self, body: Mapping[str, Any]) -> None:
        key = "canary" if self.resource is CANARIES else "event"
        self.feed.put(Change(time.time(), **{key: body}))  # type: ignore[arg-type]

    def _run(self) -> None:
        while True:
            began = time.monotonic()
            try:
                self._follow()
            except ClusterError as error:
                if time.monotonic() - self.heard > _PATIENCE:
                    self.feed.put(Change(time.time(), error=error))
                    return
            except Exception as error:  # noqa: BLE001 - a thread that ends silently would leave the command waiting
                self.feed.put(Change(time.time(), error=InternalError.of(error)))
                return
            # A server that ends each watch at once isn't asked again at once.
            time.sleep(max(0.0, _PAUSE - (time.monotonic() - began)))

    def _follow(self) -> None:
        """One watch, until the server ends it or the connection breaks."""
        from urllib3.exceptions import HTTPError

        query = self._query(
            watch="true", resourceVersion=self.version, allowWatchBookmarks="true", timeoutSeconds=str(_WATCH_SECONDS)
        )
        path = self.resource.path(self.feed.namespace)
        response = self.feed.source.send(path, query, stream=True, seconds=_WATCH_SECONDS + 30)
        if response.status == _GONE:
            self._list()
            return
        if response.status >= _REFUSED:
            raise self._refused(response.status, response.read())
        try:
            for line in _lines(response):
                if not self._take(as_mapping(json.loads(line))):
                    return
                self.heard = time.monotonic()
        except (HTTPError, OSError, ValueError) as error:
            raise self.feed.source.away(error) from error
        finally:
            response.release_conn()

    def _take(self, change: Mapping[str, Any]) -> bool:
        """Handle one message of a watch; False if the watch must begin anew."""
        body = as_mapping(change.get("object"))
        if change.get("type") == "ERROR":
            # 410: the server no longer has the changes since then.
            self._list()
            return False
        self.version = as_str(as_mapping(body.get("metadata")).get("resourceVersion")) or self.version
        if change.get("type") == "DELETED" and self.resource is CANARIES:
            self.feed.put(Change(time.time(), deleted=True))
        elif change.get("type") in {"ADDED", "MODIFIED"} and body:
            self._report(body)
        return True


def _lines(response: Any) -> Iterator[bytes]:
    rest = b""
    for chunk in response.stream(amt=None):
        *lines, rest = (rest + chunk).split(b"\n")
        yield from (line for line in lines if line.strip())
