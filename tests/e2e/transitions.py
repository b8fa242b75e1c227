"""Ways of a live release: the canary on, upgrades, off, on again, back, gone, watched all along by its users."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.e2e.client import ApiError
from tests.e2e.release import HelmRefused, Release
from tests.e2e.upgrades import start
from tests.e2e.watcher import Watcher

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.plane import Plane

REPLICAS = 3
# A tick and a bit: long enough for Flagger to notice, or to show that it does not.
TICK = 12.0
# Helm 4 applies server-side: taking back fields that Flagger owns (selector, replicas) needs a flag.
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
    """A release through its steps: `passages` describe them, `left` are the objects after the uninstallation."""

    release: Release
    passages: list[Passage] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    notes: dict[str, object] = field(default_factory=dict)

    @contextlib.contextmanager
    def step(self, name: str, *, expect_refusal: bool = False) -> Iterator[None]:
        """Watch the Service during a step; a refusal by Helm is kept where it is expected."""
        release, refused = self.release, ""
        with Watcher(release.plane, release.namespace, release.service) as watcher:
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
            self.release.wait_for_event("Initialization done!")

    def on(self, name: str = "on") -> None:
        release = self.release
        with self.step(name):
            begun = len(release.events)
            release.upgrade(canary__enable="true")
            release.wait_for_event("Initialization done!", since=begun)
            time.sleep(TICK)

    def new_version(self, tag: str) -> None:
        with self.step(tag):
            self.change(lambda: self.release.upgrade(image__tag=tag))

    def change(self, do: object) -> None:
        """Do something that changes the pods, until it is promoted."""
        assert callable(do)
        begun = len(self.release.events)
        do()
        self.release.wait_for_event("Promotion completed!", since=begun, within=300)
        time.sleep(TICK)

    def off(self, name: str = "off") -> None:
        release = self.release
        with self.step(name):
            self.make_ready_for_off()
            release.upgrade(*_FORCE.get(release.helm, ()), canary__enable="false")
            release.wait("the primary is gone", lambda: not release.object("apps/v1", "Deployment", self.primary))
            time.sleep(2)

    def make_ready_for_off(self) -> None:
        """Let the target serve again before the Canary is deleted, and keep Flagger from pointing the Service at the primary.

        Helm changes the Service first and deletes the Canary last: a tick in between points the Service back at the
        primary, which is then deleted with its Canary, and no pods serve. A suspended Canary has no ticks.
        """
        release = self.release
        release.suspend()
        release.scale(REPLICAS)
        release.wait_for_replicas(REPLICAS)

    @property
    def primary(self) -> str:
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


def begin(plane: Plane, helm: str, name: str, *options: str) -> Journey:
    """A journey of a release in `helm create`'s shape."""
    # Helm 3.17 → 3, 4.1 → 4: the releases of all Helms live in one namespace.
    return Journey(start(plane, helm, "helm-create", f"{name}{helm[5:6]}", *options))


def on_off_on(plane: Plane, helm: str) -> Journey:
    """Adoption of a live release, two upgrades, off, on again, uninstall."""
    journey = begin(plane, helm, "adopt")
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
    journey = begin(plane, helm, "first")
    journey.install("true")
    journey.new_version("v2")
    journey.uninstall()
    return journey


def rolled_back_within(plane: Plane, helm: str) -> Journey:
    """`helm rollback` to an earlier revision that has the canary too."""
    journey = begin(plane, helm, "within")
    journey.install("false")
    journey.on()
    journey.new_version("v2")
    journey.new_version("v3")
    with journey.step("rollback"):
        journey.change(lambda: journey.release.rollback(3))
    return journey


def rolled_back_before(plane: Plane, helm: str) -> Journey:
    """`helm rollback` to the revision before the canary, after the target was scaled up."""
    journey = begin(plane, helm, "before")
    journey.install("false")
    journey.on()
    release = journey.release
    with journey.step("rollback", expect_refusal=True):
        journey.make_ready_for_off()
        release.rollback(1)
        time.sleep(TICK)
    journey.notes["canary"] = release.canary() is not None
    if journey.passage("rollback").refused:
        with journey.step("forced", expect_refusal=True):
            release.rollback(1, "--force-conflicts")
            time.sleep(TICK)
    return journey
