"""Counts the ready pods a Service selects, again and again: what its users would notice of a release."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Self

    from tests.e2e.client import JsonObject
    from tests.e2e.plane import Plane

_EVERY = 0.15
# Service and pods come by two watches: where none seems ready, a change may still be on its way by the other one.
_AGAIN_AFTER = 0.1


@dataclass(frozen=True, slots=True)
class Sample:
    """`ready` is None without a Service."""

    at: float
    ready: int | None
    type: str = ""


@dataclass(slots=True)
class Watcher:
    """A thread that looks at one Service every 0.15 s."""

    plane: Plane
    namespace: str
    service: str
    samples: list[Sample] = field(default_factory=list)
    errors: list[BaseException] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        if self._thread:
            self._thread.join(10)

    def _run(self) -> None:
        while not self._stop.wait(_EVERY):
            try:
                sample = self.look()
                if not sample.ready:
                    time.sleep(_AGAIN_AFTER)
                    sample = self.look()
                self.samples.append(sample)
            except Exception as error:  # noqa: BLE001 (`fewest` reports it in the thread of the test)
                self.errors.append(error)
                return

    def look(self) -> Sample:
        service = self.plane.informer("Service", self.namespace).get(self.service)
        if service is None:
            return Sample(time.time(), None)
        selector = (service["spec"].get("selector") or {}).items()
        pods = self.plane.informer("Pod", self.namespace).objects() if selector else []
        chosen = [pod for pod in pods if selector <= (pod["metadata"].get("labels") or {}).items()]
        return Sample(time.time(), sum(map(is_ready, chosen)), service["spec"].get("type", ""))

    def fewest(self, since: float = 0.0) -> int:
        """The fewest ready pods at any moment; 0 too while there was no Service."""
        if self.errors:
            raise self.errors[0]
        return min(sample.ready or 0 for sample in self.samples if sample.at >= since)

    def gap(self) -> float:
        """Seconds without a ready pod, the longest stretch of samples."""
        longest, begun = 0.0, None
        for sample in self.samples:
            if sample.ready:
                begun = None
            else:
                begun = begun or sample.at
                longest = max(longest, sample.at - begun + _EVERY)
        return longest


def is_ready(pod: JsonObject) -> bool:
    """Ready and not on its way out: what an EndpointSlice would send traffic to."""
    conditions = pod.get("status", {}).get("conditions") or ()
    ready = any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)
    return ready and "deletionTimestamp" not in pod["metadata"]
