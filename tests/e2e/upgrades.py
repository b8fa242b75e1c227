"""The main story, played: a chart gets its canary, is installed by real helm, and new versions come one after another."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.e2e.answers import DURATION, SUCCESS_RATE, Script
from tests.e2e.charts import SHAPES, make
from tests.e2e.release import PRODUCTION, Release
from tests.e2e.watcher import Watcher

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.plane import Plane

REPLICAS = 2
STARTED = "New revision detected! Scaling up"
_ENDS = ("Promotion completed!", "Canary failed!")
# The faults of a version: the answers of its metrics, and the settings of its pods.
FAULTS: dict[str, tuple[dict[str, list[Any]], dict[str, str]]] = {
    "success-rate": ({SUCCESS_RATE: [42.5]}, {}),
    "latency": ({DURATION: [900]}, {}),
    "stalled-pod": ({}, {r"podAnnotations.example\.test/ready": "never"}),
}


@dataclass(slots=True)
class Upgrade:
    """What one upgrade did: Flagger's events, the primary's image afterwards, the fewest ready pods meanwhile."""

    tag: str
    events: list[str]
    primary_image: str
    fewest_ready: int


@dataclass(slots=True)
class Story:
    full: str
    chart: Path
    values: dict[str, str]
    first_events: list[str] = field(default_factory=list)
    upgrades: list[Upgrade] = field(default_factory=list)


def start(plane: Plane, helm: str, shape: str, name: str, *options: str) -> Release:
    """A chart with a canary, not yet installed."""
    plane.client.ensure_namespace(PRODUCTION)
    layout = SHAPES[shape]
    chart = make(plane.folder / "charts" / name, shape, helm, *options)
    full, service = (pattern.replace("NAME", name) for pattern in (layout.workload, layout.service))
    plane.answers.register(Script(canary=full, target=full))
    return Release(plane, helm, chart, name, full, service=service, kind=layout.kind, values=layout.start_values(name))


def good_upgrades(plane: Plane, helm: str, shape: str) -> Story:
    """Three versions without fault."""
    release = start(plane, helm, shape, f"good-{shape[:1]}{helm[5:6]}")
    return _play(release, [None, None, None])


def faulty_upgrades(plane: Plane, helm: str, fault: str) -> Story:
    """A good version, one with a fault, a good one again."""
    release = start(plane, helm, "helm-create", f"bad-{fault}-{helm[5:6]}", "--progress-deadline", "30")
    return _play(release, [None, fault, None])


def _play(release: Release, faults: list[str | None]) -> Story:
    release.upgrade(replicaCount=str(REPLICAS), image__tag="v1")
    release.wait_for_event("Initialization done!")
    story = Story(release.full, release.chart, release.values, release.texts())
    for number, fault in enumerate(faults, start=2):
        story.upgrades.append(_upgrade(release, f"v{number}", fault))
    return story


def _upgrade(release: Release, tag: str, fault: str | None) -> Upgrade:
    metrics, values = FAULTS[fault] if fault else ({}, {})
    release.script.metrics = dict(metrics)
    begun = len(release.events)
    values = {r"podAnnotations.example\.test/ready": "yes", **values}
    with Watcher(release.plane, release.namespace, release.service) as watcher:
        release.upgrade(image__tag=tag, **values)
        release.wait_for_event(*_ENDS, since=begun, within=300)
    return Upgrade(tag, release.texts(begun), _image(release), watcher.fewest())


def decisions(events: list[str]) -> list[str]:
    """Flagger's events without its waiting for pods, which is as long as other controllers take."""
    return [text for text in events if " not ready: waiting for rollout to finish" not in text]


def _image(release: Release) -> str:
    primary = release.object("apps/v1", "Deployment", f"{release.full}-primary")
    assert primary is not None, release.account()
    image = primary["spec"]["template"]["spec"]["containers"][0]["image"]
    return str(image).rpartition(":")[2]
