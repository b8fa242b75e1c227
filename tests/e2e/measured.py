"""Upgrades judged by a real Prometheus: requests are counted, not answered from a script."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.e2e.traffic import Load
from tests.e2e.upgrades import start

if TYPE_CHECKING:
    from tests.e2e.plane import Plane

ENDS = ("Promotion completed!", "Canary failed!")
# The canary's share of requests that fail, and that are slow.
FAULTS = {"well": (0.0, 0.0), "failing": (0.2, 0.0), "slow": (0.0, 0.2)}


def upgrade(plane: Plane, helm: str, how: str) -> list[str]:
    """The events of one upgrade."""
    release = start(plane, helm, "helm-create", f"seen-{how}")
    release.script.prometheus = plane.traffic.url
    failing, slow = FAULTS[how]
    plane.traffic.register(Load(release.namespace, release.full, release.service, failing=failing, slow=slow))
    release.upgrade(image__tag="v1")
    release.wait_for_event("Initialization done!")
    begun = len(release.events)
    release.upgrade(image__tag="v2")
    release.wait_for_event(*ENDS, since=begun, within=300)
    return release.texts(begun)
