"""Rollouts, watched by `chartgen watch` as a user or a pipeline does."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import select
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.e2e.answers import SUCCESS_RATE
from tests.e2e.traffic import Load
from tests.e2e.upgrades import FAULTS, REPLICAS, start

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from typing_extensions import Self

    from tests.e2e.plane import Plane
    from tests.e2e.release import Release

HELM = "helm-4.1"
# Users send requests to it, so the pictures of its dashboard have series.
GOOD = "watch-good"
_LIMIT = 300.0


@dataclass(slots=True)
class Watched:
    """How one `chartgen watch` ended, and what it printed."""

    code: int
    stdout: str
    stderr: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.stdout.splitlines()]

    @property
    def result(self) -> dict[str, Any]:
        return self.lines[-1]

    def weights(self) -> list[int]:
        """The weights in their order, without repetitions."""
        seen = [line["weight"] for line in self.lines if line["type"] == "status"]
        return [weight for index, weight in enumerate(seen) if not index or weight != seen[index - 1]]

    def events(self) -> list[str]:
        return [line["message"] for line in self.lines if line["type"] == "event"]


@dataclass(slots=True)
class Watch:
    """A running `chartgen watch`."""

    argv: list[str]
    kubeconfig: Path
    variables: dict[str, str] = field(default_factory=dict)
    popen: subprocess.Popen[str] = field(init=False)

    def __post_init__(self) -> None:
        environment = {**os.environ, "KUBECONFIG": str(self.kubeconfig), **self.variables}
        self.popen = subprocess.Popen(
            [sys.executable, "-m", "chartgen", "watch", *self.argv],
            env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def done(self) -> Watched:
        try:
            out, err = self.popen.communicate(timeout=_LIMIT)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            out, err = self.popen.communicate()
            raise AssertionError(f"still watching after {_LIMIT:.0f} s:\n{out}{err}") from None
        return Watched(self.popen.returncode, out, err)


def watch(release: Release, *options: str, kubeconfig: Path | None = None, format_name: str = "json") -> Watch:
    argv = [release.full, "-n", release.namespace, "--format", format_name, *options]
    return Watch(argv, kubeconfig or release.plane.kubeconfig)


def ready(plane: Plane, name: str, *options: str, **values: str) -> Release:
    """A release whose first version is initialized."""
    release = start(plane, HELM, "helm-create", name, *options)
    release.upgrade(replicaCount=str(REPLICAS), image__tag="v1", **values)
    release.wait_for_event("Initialization done!")
    return release


@dataclass(slots=True)
class InTerminal:
    """A `chartgen watch` in a terminal of its own."""

    release: Release
    printed: bytes = b""
    code: int | None = None
    _thread: threading.Thread = field(init=False)

    def __post_init__(self) -> None:
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        master, slave = pty.openpty()
        environment = {
            **os.environ,
            "KUBECONFIG": str(self.release.plane.kubeconfig),
            "TERM": "xterm",
            "COLUMNS": "100",
        }
        environment.pop("CI", None)
        argv = [sys.executable, "-m", "chartgen", "watch", self.release.full, "-n", self.release.namespace]
        popen = subprocess.Popen(argv, env=environment, stdout=slave, stderr=slave, stdin=slave)
        os.close(slave)
        end = time.monotonic() + _LIMIT
        try:
            while time.monotonic() < end:
                if select.select([master], [], [], 1)[0]:
                    self.printed += os.read(master, 65536)
                elif popen.poll() is not None:
                    break
        except OSError:
            pass  # The terminal is closed by its last writer.
        finally:
            if popen.poll() is None and time.monotonic() >= end:
                popen.kill()
            self.code = popen.wait()
            os.close(master)

    def done(self) -> tuple[int | None, str]:
        self._thread.join(_LIMIT)
        return self.code, self.printed.decode()


def promoted(plane: Plane) -> tuple[Watched, Watched, tuple[int | None, str]]:
    """A good version, watched in JSON, in lines, and in a terminal."""
    release = ready(plane, GOOD)
    plane.traffic.register(Load(release.namespace, release.full, release.service))
    in_json = watch(release)
    in_lines = watch(release, format_name="text")
    terminal = InTerminal(release)
    release.upgrade(image__tag="v2")
    return in_json.done(), in_lines.done(), terminal.done()


def rolled_back(plane: Plane) -> Watched:
    """A version whose success rate is too low."""
    release = ready(plane, "watch-bad")
    release.script.metrics = {SUCCESS_RATE: [42.5]}
    watching = watch(release)
    release.upgrade(image__tag="v2")
    return watching.done()


def stalled(plane: Plane) -> Watched:
    """A version whose pods never become ready."""
    release = ready(plane, "watch-stalled", "--progress-deadline", "30")
    watching = watch(release)
    release.upgrade(image__tag="v2", **FAULTS["stalled-pod"][1])
    return watching.done()


def gated(plane: Plane) -> tuple[Watched, Watched]:
    """A closed gate for longer than the first watch's timeout; then it opens."""
    release = ready(plane, "watch-gate")
    url = f"http://gate.test/{release.full}/approve"
    hook = {"name": "approve", "type": "confirm-rollout", "url": url}
    patch = {"spec": {"analysis": {"webhooks": [hook]}}}
    release.plane.client.patch("flagger.app/v1beta1", "Canary", release.namespace, release.full, patch)
    release.script.hooks["approve"] = [403]
    first = watch(release, "--timeout", "60s")
    patch_image(release, "v2")
    timed_out = first.done()
    release.script.hooks["approve"] = [200]
    release.script._asked.clear()
    return timed_out, watch(release).done()


def patch_image(release: Release, tag: str) -> None:
    """`kubectl set image`: helm would put the webhooks back."""
    patch = [{"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": f"registry.test/app:{tag}"}]
    release.plane.client.patch(
        "apps/v1", "Deployment", release.namespace, release.full, patch, "application/json-patch+json"
    )


def deleted(plane: Plane) -> Watched:
    """The Canary is deleted in the middle of its rollout."""
    release = ready(plane, "watch-gone")
    watching = watch(release)
    release.upgrade(image__tag="v2")
    release.wait_for_event(f"Advance {release.full}.{release.namespace} canary weight 20")
    release.plane.client.delete("flagger.app/v1beta1", "Canary", release.namespace, release.full)
    return watching.done()


def broken_off(plane: Plane) -> tuple[Watched, list[int]]:
    """Every connection breaks in the middle of a rollout: the watches resume, and nothing is seen twice or lost."""
    release = ready(plane, "watch-broken")
    with Relay(plane.api.port) as relay:
        config = json.loads(plane.kubeconfig.read_text())
        config["clusters"][0]["cluster"]["server"] = f"https://127.0.0.1:{relay.port}"
        kubeconfig = plane.folder / "kubeconfig-relay"
        kubeconfig.write_text(json.dumps(config))
        watching = watch(release, kubeconfig=kubeconfig)
        # One for what is read first, and one for each of the two watches.
        release.wait("the watches have begun", lambda: relay.accepted >= 2, within=120)
        release.upgrade(image__tag="v2")
        for weight in (10, 30):
            release.wait_for_event(f"Advance {release.full}.{release.namespace} canary weight {weight}")
            relay.cut()
        return watching.done(), relay.cuts


def at_rest(plane: Plane) -> Watched:
    """Nothing is rolled out."""
    return watch(ready(plane, "watch-rest"), "--start-within", "5s").done()


class Relay:
    """A relay to the API server on the loopback that can cut all of its connections."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._threads: list[threading.Thread] = []
        self.cuts: list[int] = []
        self._begin(self._accept)

    def _begin(self, target: Callable[..., None], *arguments: socket.socket) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self.cut()
        for thread in self._threads:
            thread.join(10)
        for each in (self._listener, *(end for pair in self._pairs for end in pair)):
            each.close()

    @property
    def accepted(self) -> int:
        """The connections so far."""
        return len(self._pairs)

    def cut(self) -> None:
        self.cuts.append(sum(_shut(pair[0]) + 0 * _shut(pair[1]) for pair in list(self._pairs)))

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._target))
            self._pairs.append((client, server))
            self._begin(self._copy, client, server)
            self._begin(self._copy, server, client)

    @staticmethod
    def _copy(source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        _shut(source)
        _shut(sink)


def _shut(connection: socket.socket) -> bool:
    """Whether it was open."""
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return False
    return True
