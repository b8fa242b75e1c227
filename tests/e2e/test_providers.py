"""What add-canary writes for each provider works on real Flagger: it initializes the Canary and promotes a version.

The CRDs of Istio, the Gateway API and Ingress are the real ones. Those of other providers take any field on the plane;
what Flagger wrote is judged by chartgen's copies of them, which `test_routes.py` compares with the API server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from chartgen.cli.choices import ADD_CANARY_PROVIDERS
from chartgen.flagger.crd.provider_crds import refusals_of
from chartgen.flagger.providers import provider_of
from tests.e2e import provider_rollouts
from tests.e2e.release import HELMS

if TYPE_CHECKING:
    from tests.e2e.provider_rollouts import Rollout

CASES = [
    pytest.param(
        provider, id=provider, marks=pytest.mark.story(provider_rollouts.play, HELMS[number % len(HELMS)], provider)
    )
    for number, provider in enumerate(ADD_CANARY_PROVIDERS)
    if provider != "knative"
]


@pytest.mark.parametrize("provider", CASES)
def test_the_canary_is_initialized_and_a_version_promoted(provider: str, story: Rollout) -> None:
    assert_promoted(story)


def assert_promoted(story: Rollout) -> None:
    assert story.phase == "Initialized"
    canary = f"{story.release.full}.{story.release.namespace}"
    steps = {f"Advance {canary} canary weight 50", f"Advance {canary} canary iteration 2/2"}
    assert len(steps & set(story.events)) == 1, story.release.account()
    assert story.events[-1].startswith("Promotion completed!"), story.release.account()


@pytest.mark.parametrize(
    "helm", [pytest.param(helm, marks=pytest.mark.story(provider_rollouts.knative, helm)) for helm in HELMS]
)
def test_a_knative_service(helm: str, story: tuple[Rollout, list[list[int]]]) -> None:
    rollout, traffic = story
    assert_promoted(rollout)
    assert rollout.route is not None
    assert rollout.route["spec"]["traffic"] == [
        {"latestRevision": True, "percent": 0},
        {"revisionName": f"{rollout.release.full}-00001", "percent": 100},
    ]
    # Without the last step, the third version would get no requests.
    assert traffic == [[0, 100], [0, 100, 0], [0, 0, 100]]


@pytest.mark.parametrize("provider", [case for case in CASES if provider_of(str(case.values[0])).route])
def test_the_route_of_flagger_is_one_that_its_crd_accepts(provider: str, story: Rollout) -> None:
    assert story.route is not None
    assert refusals_of(story.route["apiVersion"], story.route["kind"], story.route["spec"]) == ()


@pytest.mark.parametrize(
    "helm", [pytest.param(helm, marks=pytest.mark.story(provider_rollouts.shared_gateway, helm)) for helm in HELMS]
)
def test_a_gateway_stays_with_the_release_that_created_it(helm: str, story: list[tuple[str, str | None]]) -> None:
    steps = ["install", "upgrade", "install", "upgrade", "uninstall of the second"]
    assert story == [(step, f"door-a-{helm[5:6]}") for step in steps]
