"""Flux's real controllers deploy a chart with a canary: they neither fight Flagger nor prune what it serves with."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from tests.e2e import flux_journeys
from tests.e2e.flux import Flux
from tests.e2e.plane import Plane
from tests.e2e.test_transitions import gapless
from tests.e2e.transitions import REPLICAS, Journey

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# They bring CRDs that other stories make for themselves, so they have a plane of their own, before the others' begins.
pytestmark = [pytest.mark.long, pytest.mark.alone]

STORIES: dict[str, tuple[Callable[[Flux, str], Journey], str]] = {
    "HelmRelease": (flux_journeys.helm_release, "helm"),
    "HelmRelease, flux": (flux_journeys.helm_release, "flux"),
    "Kustomization": (flux_journeys.kustomization, "flux"),
}
_LIMIT = 900.0


@pytest.fixture(scope="module")
def flux(tools: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flux]:
    with Plane(tmp_path_factory.mktemp("flux")) as plane, Flux(plane) as flux:
        yield flux


@pytest.fixture(scope="module")
def journeys(flux: Flux) -> Iterator[dict[str, Future[Journey]]]:
    """All of them, side by side."""
    with ThreadPoolExecutor() as pool:
        yield {name: pool.submit(play, flux, delivery) for name, (play, delivery) in STORIES.items()}


@pytest.mark.parametrize("name", ["HelmRelease", "HelmRelease, flux"])
def test_a_helm_release_is_switched_on_upgraded_and_switched_off(
    name: str, journeys: dict[str, Future[Journey]]
) -> None:
    journey = journeys[name].result(_LIMIT)
    gapless(journey, "on", "drift", "v2", "v3", "off")
    # The one label that was edited, and nothing of Flagger's.
    assert journey.notes.pop("corrected") == [f"Deployment/{journey.release.namespace}/{journey.release.full}"]
    ends_as_it_began(journey)


def test_a_kustomization_is_switched_on_upgraded_and_switched_off(journeys: dict[str, Future[Journey]]) -> None:
    journey = journeys["Kustomization"].result(_LIMIT)
    gapless(journey, "on", "drift", "v2", "off")
    # Why the printed steps name a field manager.
    assert journey.notes.pop("annotations by kubectl") == {}
    ends_as_it_began(journey)


def ends_as_it_began(journey: Journey) -> None:
    """Flux corrected drift but didn't undo the printed steps, and in the end the Service selects the chart's own pods."""
    name = journey.release.name
    own = {"app.kubernetes.io/name": name, "app.kubernetes.io/instance": name}
    noted = {"replicas of the primary": REPLICAS, "selector": own, "after drift": "1.16.0", "suspended": True}
    assert journey.notes == noted, journey.release.account()
