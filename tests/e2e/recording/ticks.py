"""Flagger's ticks, from the API server's audit log: each begins with a GET of its Canary."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Flagger GETs a Canary again within a tick (pkg/controller/scheduler.go:checkCanaryStatus, setPhaseInitialized, and
# pkg/canary/status.go after a conflict; pkg/controller/finalizer.go 3 s after its first look). The nearest two ticks seen are
# those around a changed interval, which restarts the job: 5 s.
_SAME_TICK = 4.0


@dataclass(frozen=True, slots=True)
class Tick:
    """A tick begins; `at` in seconds since the epoch."""

    namespace: str
    canary: str
    at: float


@dataclass(slots=True)
class AuditLog:
    """Follows the log of one plane from its current end."""

    path: Path
    _offset: int = 0
    _rest: str = ""
    _latest: dict[tuple[str, str], float] = field(default_factory=dict)

    @classmethod
    def from_now(cls, path: Path) -> AuditLog:
        return cls(path, path.stat().st_size if path.exists() else 0)

    def ticks(self) -> Iterator[Tick]:
        """The ticks that have begun since the last call."""
        for namespace, canary, at in self._gets():
            latest = self._latest.get((namespace, canary), float("-inf"))
            self._latest[namespace, canary] = at
            if at - latest > _SAME_TICK:
                yield Tick(namespace, canary, at)

    def _gets(self) -> Iterator[tuple[str, str, float]]:
        with self.path.open() as log:
            log.seek(self._offset)
            text = self._rest + log.read()
            self._offset = log.tell()
        *lines, self._rest = text.split("\n")
        for line in lines:
            entry = json.loads(line)
            reference = entry["objectRef"]
            yield reference["namespace"], reference["name"], _seconds(entry["requestReceivedTimestamp"])


def _seconds(stamp: str) -> float:
    return datetime.strptime(stamp, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc).timestamp()
