"""A chart installed on the plane with a real helm, and what can be waited for around it."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.e2e.tools.parts import helm_folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.e2e.answers import Event, Script
    from tests.e2e.client import JsonObject
    from tests.e2e.plane import Plane

PRODUCTION = "jx-production"
HELMS = ("helm-3.17", "helm-4.1")
_EVERY = 0.2
_TOLD = 800


# What uses a core: a burst of them would make Flagger's ticks late.
BUSY = threading.BoundedSemaphore(2)


class HelmRefused(Exception):  # noqa: N818 (it is what happened, and expected where it is asked for)
    """Helm ended with an error; the message is what it said."""


def helm_binary(name: str) -> Path:
    """One of the helms `.ci/fetch_helm.py` fetched."""
    return helm_folder() / name


@dataclass(slots=True)
class Release:
    """One release. `name` is the release's, `full` that of its workload and Canary, `service` that of its Service."""

    plane: Plane
    helm: str
    chart: Path
    name: str
    full: str
    service: str
    kind: str = "Deployment"
    # Of its objects; `released_in` is set where that is not the release's own.
    namespace: str = PRODUCTION
    released_in: str = ""
    files: list[Path] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)

    def run(self, *words: str) -> str:
        """Helm with its own home, so that neither the user's plugins nor repositories are seen."""
        home = self.plane.folder / "helm-home"
        variables = {f"HELM_{kind}_HOME": str(home / kind.lower()) for kind in ("CACHE", "CONFIG", "DATA")}
        environment = {**os.environ, **variables, "KUBECONFIG": str(self.plane.kubeconfig)}
        argv = [str(helm_binary(self.helm)), *words, "--namespace", self.released_in or self.namespace]
        with BUSY:
            done = subprocess.run(argv, env=environment, capture_output=True, text=True, check=False, timeout=120)
        self.log.append(f"$ {' '.join(argv[1:])}\n{done.stdout}{done.stderr}")
        if done.returncode:
            raise HelmRefused(done.stderr.strip() or done.stdout.strip())
        return done.stdout

    def _set(self, changed: dict[str, str]) -> list[str]:
        self.values.update(changed)
        arguments = [word for path in self.files for word in ("--values", str(path))]
        return arguments + [word for key, value in self.values.items() for word in ("--set", f"{key}={value}")]

    def upgrade(self, *flags: str, **values: str) -> None:
        """`helm upgrade --install`; values are kept for the next upgrade, `__` in their keys means a dot."""
        arguments = self._set({key.replace("__", "."): value for key, value in values.items()})
        self.run("upgrade", "--install", self.name, str(self.chart), *flags, *arguments)

    def rollback(self, revision: int, *flags: str) -> None:
        self.run("rollback", self.name, str(revision), *flags)

    def uninstall(self) -> None:
        self.run("uninstall", self.name)

    def template(self, *flags: str) -> str:
        return self.run("template", self.name, str(self.chart), *flags, *self._set({}))

    @property
    def script(self) -> Script:
        return self.plane.answers.script(self.full)

    @property
    def events(self) -> list[Event]:
        return self.script.events

    def texts(self, since: int = 0) -> list[str]:
        return [event.text for event in self.events[since:]]

    def object(self, api_version: str, kind: str, name: str = "") -> JsonObject | None:
        return self.plane.client.get(api_version, kind, self.namespace, name or self.full)

    def canary(self) -> JsonObject | None:
        return self.object("flagger.app/v1beta1", "Canary")

    def phase(self) -> str | None:
        phase = ((self.canary() or {}).get("status") or {}).get("phase")
        return str(phase) if phase else None

    def wait_for_event(self, *beginnings: str, since: int = 0, within: float = 240.0) -> None:
        """Until Flagger says one of these; the status is written before it is said."""
        what = " or ".join(beginnings)
        self.wait(f"event {what!r}", lambda: any(t.startswith(beginnings) for t in self.texts(since)), within)

    def wait_for_replicas(self, count: int, name: str = "", within: float = 60.0) -> None:
        """Until a Deployment has so many available replicas of its current template."""

        def available() -> bool:
            status = (self.object("apps/v1", "Deployment", name) or {}).get("status") or {}
            return (status.get("availableReplicas", 0), status.get("updatedReplicas", 0)) == (count, count)

        self.wait(f"{count} replicas of {name or self.full}", available, within)

    def wait(self, what: str, done: Callable[[], bool], within: float = 60.0) -> None:
        end = time.monotonic() + within
        while not done():
            if time.monotonic() > end:
                raise AssertionError(f"{self.full}: not within {within:.0f} s: {what}\n{self.account()}")
            time.sleep(_EVERY)

    def account(self) -> str:
        """The output of helm and Flagger, for a failure."""
        log = [f"{entry[:_TOLD]} …" if len(entry) > _TOLD else entry for entry in self.log[-3:]]
        return "\n".join([*log, *self.texts()[-20:], f"phase {self.phase()}"])

    def scale(self, replicas: int) -> None:
        """`kubectl scale` of the target."""
        self.plane.client.patch("apps/v1", "Deployment", self.namespace, self.full, {"spec": {"replicas": replicas}})

    def suspend(self) -> None:
        """`kubectl patch canary … suspend: true`, and until Flagger says that it skips."""
        begun = len(self.events)
        patch = {"spec": {"suspend": True}}
        self.plane.client.patch("flagger.app/v1beta1", "Canary", self.namespace, self.full, patch)
        self.wait_for_event("skipping canary run as object is suspended", since=begun, within=60)
