"""Knative's traffic: Flagger reads it from the status, where every entry has the name of a revision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.flagger.schedule import (
    AlwaysPassing,
    End,
    NewVersion,
    Patch,
    advance,
    apply_action,
    initialized_state,
    rollout,
    upgrade,
)
from tests.flagger.schedule.canaries import SUCCESS_RATE, canary

if TYPE_CHECKING:
    from chartgen.flagger.schedule import State

_FLAGGER = "1.44.0"


def _service(**spec: Any) -> dict[str, Any]:
    template = {"spec": {"containers": [{"image": "registry.test/app:1"}]}}
    return {
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Service",
        "metadata": {"name": "app", "namespace": "prod"},
        "spec": {"template": template, **spec},
    }


def _canary(**analysis: Any) -> dict[str, Any]:
    target = {"apiVersion": "serving.knative.dev/v1", "kind": "Service", "name": "app"}
    return canary({"metrics": [SUCCESS_RATE], **analysis}, provider="knative", targetRef=target)


def _texts(analysis: dict[str, Any], ticks: int) -> list[str]:
    timeline = upgrade(_canary(**analysis), [_service()], flagger=_FLAGGER)
    return [event.text for tick in timeline.ticks[:ticks] for event in tick.events]


def _analyzed(ticks: int) -> State:
    """The state of a release after some ticks."""
    state, stuck = initialized_state(_canary(stepWeight=20, maxWeight=60), [_service()], flagger=_FLAGGER)
    assert stuck is None
    state = apply_action(state, NewVersion(), -5.0)
    for number in range(ticks):
        state = advance(state, AlwaysPassing(state.canary), number=number, second=60.0 * number, flagger=_FLAGGER).state
    return state


def test_a_release_without_faults_is_promoted() -> None:
    timeline = upgrade(_canary(stepWeight=30, maxWeight=60), [_service()], flagger=_FLAGGER)
    assert timeline.outcome.end is End.SUCCEEDED
    assert [tick.canary_share for tick in timeline.ticks] == [0, 30, 60, 60, 0, 0]


def test_blue_green_is_promoted() -> None:
    timeline = upgrade(_canary(iterations=2), [_service()], flagger=_FLAGGER)
    assert timeline.outcome.end is End.SUCCEEDED


def test_the_primary_s_annotation_names_the_new_revision_once_it_is_promoted() -> None:
    state = _analyzed(6)
    body = state.objects["Service", "app"]
    assert body["metadata"]["annotations"]["flagger.app/primary-revision"] == "app-00002"
    assert body["spec"]["traffic"] == [
        {"latestRevision": True, "percent": 0},
        {"revisionName": "app-00002", "percent": 100},
    ]


def test_the_first_entry_is_both_versions_share_after_the_promotion() -> None:
    """Flagger looks for the primary's revision, and finds the latest one first: 10 + 40 and 10 - 40 add up to 50."""
    texts = _texts({"stepWeight": 25, "maxWeight": 50, "stepWeightPromotion": 40}, 6)
    assert texts[-2] == "Advance app.prod primary weight 90"
    assert texts[-1].endswith(
        "denied the request: validation failed: Traffic targets sum to 50, want 100: spec.traffic"
    )


def test_edited_traffic_is_where_the_analysis_continues() -> None:
    traffic = [{"latestRevision": True, "percent": 5}, {"revisionName": "app-00001", "percent": 95}]
    edited = apply_action(_analyzed(2), Patch("Service", {"spec": {"traffic": traffic}}), 65.0)
    tick = advance(edited, AlwaysPassing(edited.canary), number=2, second=120.0, flagger=_FLAGGER)
    assert tick.canary_share == 25


def test_traffic_to_a_revision_that_is_not_there_leaves_the_status_as_it_was() -> None:
    """serving's route controller waits for it, so Flagger reads the old weights and takes the next step."""
    traffic = [{"latestRevision": True, "percent": 5}, {"revisionName": "app-00009", "percent": 95}]
    edited = apply_action(_analyzed(2), Patch("Service", {"spec": {"traffic": traffic}}), 65.0)
    timeline = rollout(edited, AlwaysPassing(edited.canary), flagger=_FLAGGER)
    assert timeline.ticks[0].events[-1].text == "Advance app.prod canary weight 40"


def test_traffic_without_the_primarys_revision_is_invalid() -> None:
    traffic = [{"latestRevision": True, "percent": 100}]
    edited = apply_action(_analyzed(2), Patch("Service", {"spec": {"traffic": traffic}}), 65.0)
    timeline = rollout(edited, AlwaysPassing(edited.canary), flagger=_FLAGGER)
    assert timeline.ticks[0].events[-1].text == "Knative Service app.prod traffic spec invalid"


def test_a_template_of_an_earlier_revision_is_a_new_one() -> None:
    """Knative counts its revisions up, so Flagger analyzes a release that goes back, too."""
    back = apply_action(_analyzed(7), NewVersion("1"), 365.0)
    tick = advance(back, AlwaysPassing(back.canary), number=7, second=420.0, flagger=_FLAGGER)
    assert tick.events[0].text == "New revision detected! Scaling up app.prod"
    assert "app-00003" in {name for kind, name in tick.state.objects if kind == "Revision"}
