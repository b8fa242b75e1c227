"""Many rollouts recorded side by side on one plane."""

from __future__ import annotations

import heapq
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.e2e.client import ApiError
from tests.e2e.knative import Knative
from tests.e2e.recording.ticks import AuditLog

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.e2e.plane import Plane
    from tests.e2e.recording.rollout import Rollout

# After a tick has begun: when it is looked at what it did, and when the script acts.
_LOOK_AFTER = 4.0
_ACT_AFTER = 5.0
# Canaries created this far apart do not get in one another's way.
_APART = 0.1


@dataclass(slots=True)
class Session:
    """Records rollouts until each has had its ticks."""

    plane: Plane
    rollouts: Sequence[Rollout]
    _due: list[tuple[float, int, str, Rollout, int]] = field(default_factory=list)
    _jobs: list[Future[None]] = field(default_factory=list)
    _order: int = 0

    def run(self, limit: float = 900.0) -> None:
        """Send, watch, look, act; at most `limit` seconds. Errors of looks and actions are raised at the end."""
        log = AuditLog.from_now(self.plane.api.audit_log)
        spaces = {each.names.namespace for each in self.rollouts if each.names.provider == "knative"}
        controllers = [Knative(self.plane.client, space) for space in sorted(spaces)]
        by_name = {(each.names.namespace, each.names.canary): each for each in self.rollouts}
        end = time.monotonic() + limit
        with ThreadPoolExecutor(8) as pool, ExitStack() as stack:
            sending = pool.submit(self._send_all)
            for each in controllers:
                each.start()
                stack.callback(each.stop)
            while time.monotonic() < end and not self._is_over(sending):
                for tick in log.ticks():
                    if rollout := by_name.get((tick.namespace, tick.canary)):
                        self._plan(rollout, rollout.begin(tick.at), tick.at)
                self._do_what_is_due(pool)
                time.sleep(0.05)
            sending.result()
        for job in self._jobs:
            job.result()

    def _send_all(self) -> None:
        for namespace in {each.names.namespace for each in self.rollouts}:
            self.plane.client.ensure_namespace(namespace)
        for rollout in self.rollouts:
            self.plane.answers.register(rollout.script)
            rollout.begun = time.time()
            rollout.send(self.plane.client)
            time.sleep(_APART)

    def _is_over(self, sending: Future[None]) -> bool:
        if not sending.done():
            return False
        now = time.time()
        return sending.exception() is not None or all(rollout.finished(now) for rollout in self.rollouts)

    def _plan(self, rollout: Rollout, number: int, at: float) -> None:
        for what, delay in (("look", _LOOK_AFTER), ("act", _ACT_AFTER)):
            self._order += 1
            heapq.heappush(self._due, (at + delay, self._order, what, rollout, number))

    def _do_what_is_due(self, pool: ThreadPoolExecutor) -> None:
        while self._due and self._due[0][0] <= time.time():
            _, _, what, rollout, number = heapq.heappop(self._due)
            work = rollout.look if what == "look" else rollout.act
            self._jobs.append(pool.submit(work, self.plane.client, number))

    def clean_up(self) -> None:
        """Delete what was recorded and wait until the Canaries are gone, so that their names are free again."""
        for rollout in self.rollouts:
            rollout.clean_up(self.plane.client)
        end = time.monotonic() + 30
        while any(map(self._exists, self.rollouts)) and time.monotonic() < end:
            time.sleep(0.2)

    def _exists(self, rollout: Rollout) -> bool:
        names = rollout.names
        try:
            return self.plane.client.get("flagger.app/v1beta1", "Canary", names.namespace, names.canary) is not None
        except ApiError:
            return False
