"""Ways of a live release: the canary on, upgrades, off, on again, back, gone, watched all along by its users."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.e2e.apiserver import tool
from tests.e2e.client import ApiError
from tests.e2e.release import HelmRefused, Release
from tests.e2e.upgrades import start
from tests.e2e.watcher import Watcher

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.plane import Plane

REPLICAS = 3
# A tick and a bit: long enough for Flagger to notice, or to show that it does not.
_TICK = 12.0
# Helm 4 applies server-side: where it takes back what Flagger owns (selector, replicas) it must be told so.
_FORCE = {"helm-4.1": ("--force-conflicts",), "helm-4.3": ("--force-conflicts",)}
# What a release leaves in its namespace, if anything.
_KINDS = (
    ("apps/v1", "Deployment"),
    ("apps/v1", "ReplicaSet"),
    ("v1", "Service"),
    ("v1", "Pod"),
    ("autoscaling/v2", "HorizontalPodAutoscaler"),
    ("networking.istio.io/v1beta1", "VirtualService"),
    ("networking.istio.io/v1beta1", "DestinationRule"),
    ("flagger.app/v1beta1", "Canary"),
)


@dataclass(slots=True)
class Passage:
    """One step as its users saw it."""

    step: str
    fewest: int
    gap: float
    refused: str = ""


@dataclass(slots=True)
class Journey:
    """A release on its way; `passages` tell each step, `left` what was there after the uninstallation."""

    release: Release
    passages: list[Passage] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    notes: dict[str, object] = field(default_factory=dict)

    @contextlib.contextmanager
    def step(self, name: str, *, expect_refusal: bool = False) -> Iterator[None]:
        """Watch the Service during a step; a refusal by Helm is kept where it is expected."""
        release, refused = self.release, ""
        with Watcher(release.plane.client, release.namespace, release.service) as watcher:
            try:
                yield
            except HelmRefused as error:
                if not expect_refusal:
                    raise AssertionError(f"{release.full}: {name}: {error}\n{release.account()}") from error
                refused = str(error)
            time.sleep(0.5)
        self.passages.append(Passage(name, watcher.fewest(), watcher.gap(), refused))

    def passage(self, name: str) -> Passage:
        return next(each for each in self.passages if each.step == name)

    def install(self, canary: str, **values: str) -> None:
        self.release.upgrade(canary__enable=canary, image__tag="v1", replicaCount=str(REPLICAS), **values)
        if canary == "false":
            self.release.wait_for_replicas(REPLICAS)
        else:
            self.release.wait_for_phase("Initialized")

    def on(self, name: str = "on") -> None:
        release = self.release
        with self.step(name):
            begun = len(release.events)
            release.upgrade(canary__enable="true")
            release.wait_for_event("Initialization done!", begun)
            time.sleep(_TICK)

    def new_version(self, tag: str) -> None:
        with self.step(tag):
            self.change(lambda: self.release.upgrade(image__tag=tag))

    def change(self, do: object) -> None:
        """Do something that changes the pods, until it is promoted."""
        assert callable(do)
        begun = len(self.release.events)
        do()
        self.release.wait_for_event("Promotion completed!", begun, within=240)
        time.sleep(_TICK)

    def off(self, name: str = "off") -> None:
        """As the closing text of add-canary says."""
        release = self.release
        with self.step(name):
            release.scale(REPLICAS)
            release.wait_for_replicas(REPLICAS)
            release.upgrade(*_FORCE.get(release.helm, ()), canary__enable="false")
            release.wait("the primary is gone", lambda: not release.object("apps/v1", "Deployment", self._primary))
            time.sleep(2)

    @property
    def _primary(self) -> str:
        return f"{self.release.full}-primary"

    def uninstall(self) -> None:
        self.release.uninstall()
        end = time.monotonic() + 30
        while (left := leftovers(self.release)) and time.monotonic() < end:
            time.sleep(0.5)
        self.left = left


def leftovers(release: Release) -> list[str]:
    """What still is called after the release."""
    found = []
    for version, kind in _KINDS:
        with contextlib.suppress(ApiError):
            items = release.plane.client.items(version, kind, release.namespace)
            names = [each["metadata"]["name"] for each in items]
            found += [f"{kind}/{name}" for name in names if name == release.name or name.startswith(f"{release.name}-")]
    return found


def _journey(plane: Plane, helm: str, name: str, *options: str) -> Journey:
    # Helm 3.17 → 3, 4.1 → 4: the releases of all Helms live in one namespace.
    return Journey(start(plane, helm, "helm-create", f"{name}{helm[5:6]}", *options))


def on_off_on(plane: Plane, helm: str) -> Journey:
    """Adoption of a live release, two upgrades, off, on again, uninstall."""
    journey = _journey(plane, helm, "adopt")
    journey.install("false")
    journey.on()
    journey.new_version("v2")
    journey.new_version("v3")
    journey.off()
    journey.on("on again")
    journey.uninstall()
    return journey


def first_with_canary(plane: Plane, helm: str) -> Journey:
    """Installed with the canary on at once; the Service is Flagger's. Off, on, uninstall."""
    journey = _journey(plane, helm, "first")
    journey.install("true")
    journey.new_version("v2")
    journey.uninstall()
    return journey


def rolled_back_within(plane: Plane, helm: str) -> Journey:
    """`helm rollback` to an earlier revision that has the canary too."""
    journey = _journey(plane, helm, "within")
    journey.install("false")
    journey.on()
    journey.new_version("v2")
    journey.new_version("v3")
    with journey.step("rollback"):
        journey.change(lambda: journey.release.rollback(3))
    return journey


def rolled_back_before(plane: Plane, helm: str) -> Journey:
    """`helm rollback` to the revision before the canary, after the target was scaled up."""
    journey = _journey(plane, helm, "before")
    journey.install("false")
    journey.on()
    release = journey.release
    with journey.step("rollback", expect_refusal=True):
        release.scale(REPLICAS)
        release.wait_for_replicas(REPLICAS)
        release.rollback(1)
        time.sleep(_TICK)
    journey.notes["canary"] = release.canary() is not None
    if journey.passage("rollback").refused:
        with journey.step("forced", expect_refusal=True):
            release.rollback(1, "--force-conflicts")
            time.sleep(_TICK)
    return journey


def with_autoscaler(plane: Plane, helm: str) -> Journey:
    """A chart whose HPA is on: it renders no replicas, and Flagger gets an autoscalerRef."""
    journey = _journey(plane, helm, "hpa")
    values = {"autoscaling__enabled": "true", "autoscaling__minReplicas": str(REPLICAS)}
    journey.release.upgrade(canary__enable="false", image__tag="v1", **values)
    # No HPA controller runs on the plane: its part is played here.
    journey.release.scale(REPLICAS)
    journey.release.wait_for_replicas(REPLICAS)
    journey.on()
    journey.new_version("v2")
    return journey


def with_load_balancer(plane: Plane, helm: str) -> Journey:
    """A Service of type LoadBalancer keeps its type."""
    journey = _journey(plane, helm, "balance")
    journey.install("false", service__type="LoadBalancer")
    journey.on()
    journey.new_version("v2")
    journey.notes["type"] = (
        (journey.release.object("v1", "Service", journey.release.service) or {}).get("spec") or {}
    ).get("type")
    journey.off()
    return journey


def with_name_override(plane: Plane, helm: str) -> Journey:
    """fullnameOverride: the release's name stands nowhere in the objects' names."""
    journey = _journey(plane, helm, "named")
    release = journey.release
    release.full = release.service = f"other-{helm[5:6]}"
    journey.install("false", fullnameOverride=release.full)
    journey.on()
    journey.new_version("v2")
    journey.off()
    return journey


def rendered(plane: Plane, helm: str, prune: bool) -> Journey:
    """`helm template | kubectl apply`: nothing can be asked of the cluster while rendering."""
    journey = _journey(plane, helm, "pruned" if prune else "applied")
    release = journey.release
    release.values.update({"replicaCount": str(REPLICAS), "image.tag": "v1", "canary.enable": "false"})
    _apply(release, prune)
    release.wait_for_replicas(REPLICAS)
    with journey.step("on"):
        release.values["canary.enable"] = "true"
        _apply(release, prune)
        release.wait_for_event("Initialization done!")
        time.sleep(_TICK)
    with journey.step("v2"):
        release.values["image.tag"] = "v2"
        journey.change(lambda: _apply(release, prune))
    return journey


def _apply(release: Release, prune: bool) -> None:
    # An ApplySet prunes what it applied itself; `-l` would apply only what carries the label, and a Canary carries none.
    flags = ["--prune", f"--applyset=secrets/{release.name}"] if prune else []
    argv = [str(tool("kubectl")), f"--kubeconfig={release.plane.kubeconfig}", "apply", "-n", release.namespace, *flags]
    environment = {**os.environ, "KUBECTL_APPLYSET": "true"}
    text = release.template()
    done = subprocess.run(
        [*argv, "-f", "-"], input=text, env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    release.log.append(f"$ kubectl apply\n{done.stdout}{done.stderr}")
    if done.returncode:
        raise HelmRefused(done.stderr)
