"""Charts that are rendered without a cluster: at no moment do their users find fewer ready pods than the chart has."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e import delivered_journeys
from tests.e2e.release import HELMS
from tests.e2e.test_transitions import each_helm, gapless
from tests.e2e.transitions import REPLICAS, Journey


def ends_as_the_charts_own(journey: Journey, replicas: int = REPLICAS) -> None:
    """The primary began with so many `replicas`, and in the end the Service selects the chart's own pods."""
    name = journey.release.name
    own = {"app.kubernetes.io/name": name, "app.kubernetes.io/instance": name}
    assert journey.notes == {"replicas of the primary": replicas, "selector": own}, journey.release.account()


@pytest.mark.parametrize(
    "way",
    [
        pytest.param(way, marks=pytest.mark.story(delivered_journeys.rendered, HELMS[0], way))
        for way in delivered_journeys.WAYS
    ],
)
def test_rendered_and_applied_after_the_printed_steps(way: str, story: Any) -> None:
    gapless(story, "on", "v2", "off")
    ends_as_the_charts_own(story)


@pytest.mark.parametrize(
    "how", [pytest.param("client", marks=pytest.mark.story(delivered_journeys.first_rendered, HELMS[0]))]
)
def test_a_service_that_flagger_created_outlives_the_canary(how: str, story: Any) -> None:
    gapless(story, "v2", "off")
    ends_as_the_charts_own(story, replicas=1)


@each_helm(delivered_journeys.released)
def test_released_with_the_annotation_that_keeps_the_service(helm: str, story: Any) -> None:
    """Helm 3 resets replicas that the chart no longer renders, whoever else owns them; Helm 4 applies server-side."""
    served = {passage.step: (passage.fewest, passage.refused) for passage in story.passages}
    if helm == "helm-3.17":
        assert served["on"][0] < REPLICAS
    else:
        assert served == dict.fromkeys(("on", "v2", "off"), (REPLICAS, "")), story.release.account()
        ends_as_the_charts_own(story)
