"""Where the gate is shut, the release is what it was: no Canary, and Flagger has nothing to do."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.charts import MAIN
from tests.e2e.release import HELMS, PRODUCTION
from tests.e2e.transitions import leftovers
from tests.e2e.upgrades import start
from tests.e2e.watcher import Watcher

if TYPE_CHECKING:
    from tests.e2e.plane import Plane
    from tests.e2e.release import Release

STAGING = "jx-staging"
# Where, and whether the switch is on: shut by the namespace, and by the switch.
SHUT = ((STAGING, "true"), (PRODUCTION, "false"))
# Two intervals: Flagger would have begun.
_LONG_ENOUGH = 20.0


@dataclass(slots=True)
class Stay:
    """What there was before and after an upgrade outside the gate."""

    release: Release
    objects: list[str]
    fewest: int
    replicas: Any


def stay(plane: Plane, helm: str, shape: str, namespace: str, switch: str) -> Stay:
    """A release outside the gate, upgraded once."""
    plane.client.ensure_namespace(namespace)
    release = start(plane, helm, shape, f"{switch}-{shape[:1]}{helm[5:6]}")
    release.namespace = namespace
    release.upgrade(canary__enable=switch, replicaCount="2", image__tag="v1")
    release.wait_for_replicas(2)
    with Watcher(plane, namespace, release.service) as watcher:
        release.upgrade(image__tag="v2")
        release.wait_for_replicas(2)
        time.sleep(_LONG_ENOUGH)
    deployment = release.object("apps/v1", "Deployment")
    assert deployment is not None
    found = [each for each in leftovers(release) if not each.startswith(("Pod/", "ReplicaSet/"))]
    return Stay(release, found, watcher.fewest(), deployment["spec"]["replicas"])


CASES = [
    pytest.param(
        helm, id=f"{helm}-{shape}-{namespace}-{switch}", marks=pytest.mark.story(stay, helm, shape, namespace, switch)
    )
    for helm in HELMS
    for shape in MAIN
    for namespace, switch in SHUT
]


@pytest.mark.parametrize("helm", CASES)
def test_flagger_changes_nothing(helm: str, story: Any) -> None:
    release = story.release
    assert sorted(story.objects) == [f"Deployment/{release.full}", f"Service/{release.service}"]
    assert story.release.events == []
    assert story.replicas == 2
    assert story.fewest >= 1
