"""Adoption, off, on again, back, gone: at no moment do a release's users find no ready pod."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e import special_journeys, transitions
from tests.e2e.plane import NODES
from tests.e2e.release import HELMS
from tests.e2e.transitions import REPLICAS, Journey

if TYPE_CHECKING:
    from collections.abc import Callable

SERVER_SIDE = "helm-4.1"


def each_helm(function: Callable[..., Journey], *arguments: object) -> pytest.MarkDecorator:
    """The test once per Helm, with the journey as its story."""
    cases = [pytest.param(helm, id=helm, marks=pytest.mark.story(function, helm, *arguments)) for helm in HELMS]
    return pytest.mark.parametrize("helm", cases)


def gapless(journey: Journey, *steps: str) -> None:
    """Every step has been gone, with all ready pods all the time."""
    served = {passage.step: (passage.fewest, passage.refused) for passage in journey.passages}
    assert served == dict.fromkeys(steps, (REPLICAS, "")), journey.release.account()


@each_helm(transitions.on_off_on)
def test_the_canary_can_be_switched_on_off_and_on_again(helm: str, story: Any) -> None:
    gapless(story, "on", "v2", "v3", "off", "on again")
    assert story.left == []


@each_helm(transitions.first_with_canary)
def test_installed_with_the_canary_on(helm: str, story: Any) -> None:
    gapless(story, "v2")
    assert story.left == []


@each_helm(transitions.rolled_back_within)
def test_helm_rollback_to_a_revision_with_the_canary_is_a_release_like_any(helm: str, story: Any) -> None:
    gapless(story, "on", "v2", "v3", "rollback")


@each_helm(transitions.rolled_back_before)
def test_helm_rollback_to_before_the_canary(helm: str, story: Any) -> None:
    rollback = story.passage("rollback")
    assert rollback.fewest == REPLICAS
    if helm == SERVER_SIDE:
        assert "conflict" in rollback.refused
        assert story.notes["canary"]
    else:
        assert rollback.refused == ""
        assert not story.notes["canary"]


@each_helm(special_journeys.with_autoscaler)
def test_with_an_autoscaler(helm: str, story: Any) -> None:
    gapless(story, "on", "v2")


@each_helm(special_journeys.with_load_balancer)
def test_a_load_balancer_stays_a_load_balancer(helm: str, story: Any) -> None:
    gapless(story, "on", "v2", "off")
    assert story.notes["type"] == "LoadBalancer"


@each_helm(special_journeys.with_name_override)
def test_with_a_name_override(helm: str, story: Any) -> None:
    gapless(story, "on", "v2", "off")


@each_helm(special_journeys.with_namespace_of_its_own)
def test_with_a_namespace_of_its_own(helm: str, story: Any) -> None:
    gapless(story, "on", "v2", "off")


@each_helm(special_journeys.rendered, False)
def test_rendered_and_applied(helm: str, story: Any) -> None:
    gapless(story, "on", "v2")


@each_helm(special_journeys.rendered, True)
def test_rendered_applied_and_pruned_has_the_documented_gap(helm: str, story: Any) -> None:
    """The Service is not in the rendering while the canary is on: pruning takes it away until Flagger's next tick."""
    assert story.passage("on").fewest == 0
    assert story.passage("v2").fewest == REPLICAS


@each_helm(special_journeys.with_daemon_set)
def test_with_a_daemon_set(helm: str, story: Any) -> None:
    served = {passage.step: (passage.fewest, passage.refused) for passage in story.passages}
    assert served == {"on": (len(NODES), ""), "v2": (1, "")}, story.release.account()


@pytest.mark.parametrize(
    "revert", [pytest.param(True, marks=pytest.mark.story(special_journeys.deleted, HELMS[0], True))]
)
def test_a_canary_deleted_with_revert_on_deletion_restores_everything(revert: bool, story: Any) -> None:
    assert story.notes["replicas"] == REPLICAS
    assert story.passage("deleted").fewest == REPLICAS


@pytest.mark.parametrize(
    "revert", [pytest.param(False, marks=pytest.mark.story(special_journeys.deleted, HELMS[0], False))]
)
def test_a_canary_deleted_without_revert_on_deletion_deletes_the_app(revert: bool, story: Any) -> None:
    """The primary is the Canary's, and the target has 0 replicas: no pods serve anymore."""
    assert story.notes["replicas"] == 0
    assert story.passage("deleted").fewest == 0


@pytest.mark.parametrize(
    "how", [pytest.param("raced", marks=pytest.mark.story(special_journeys.raced, HELMS[0], False))]
)
def test_a_tick_between_service_and_canary_leaves_no_pods_serving(how: str, story: Any) -> None:
    """Why the Canary is suspended before it is switched off."""
    assert story.passage("off").fewest == 0


@pytest.mark.parametrize(
    "how", [pytest.param("paused", marks=pytest.mark.story(special_journeys.raced, HELMS[0], True))]
)
def test_a_suspended_canary_is_switched_off_without_a_gap_at_any_tick(how: str, story: Any) -> None:
    assert story.passage("off").fewest == REPLICAS
