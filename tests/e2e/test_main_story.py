"""A chart, `chartgen add-canary`, real helm, real Flagger: the rollout of a new version, good or bad."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.charts import MAIN
from tests.e2e.release import HELMS
from tests.e2e.upgrades import FAULTS, REPLICAS, Story, Upgrade, decisions, faulty_upgrades, good_upgrades

GOOD = [
    pytest.param(shape, id=f"{shape}-{helm}", marks=pytest.mark.story(good_upgrades, helm, shape))
    for helm in HELMS
    for shape in MAIN
]
BAD = [
    pytest.param(fault, id=f"{fault}-{helm}", marks=pytest.mark.story(faulty_upgrades, helm, fault))
    for helm in HELMS
    for fault in FAULTS
]


def promoted(full: str) -> list[str]:
    """What is said of a version that passes, by semantics of Flagger 1.44: weights 10, 20 … 50, copied, promoted."""
    name = f"{full}.jx-production"
    return [
        f"New revision detected! Scaling up {name}",
        f"Starting canary analysis for {name}",
        *(f"Advance {name} canary weight {weight}" for weight in range(10, 51, 10)),
        f"Copying {name} template spec to {full}-primary.jx-production",
        "Routing all traffic to primary",
        f"Promotion completed! Scaling down {name}",
    ]


def rolled_back(full: str, fault: str) -> list[str]:
    """The events for a faulty version; a pod that isn't ready is reported every tick until the deadline."""
    name = f"{full}.jx-production"
    halts = {
        "success-rate": f"Halt {name} advancement success rate 42.50% < 99%",
        "latency": f"Halt {name} advancement request duration 900ms > 500ms",
    }
    return [
        f"New revision detected! Scaling up {name}",
        f"Starting canary analysis for {name}",
        f"Advance {name} canary weight 10",
        halts[fault],
        halts[fault],
        f"Rolling back {name} failed checks threshold reached 2",
        f"Canary failed! Scaling down {name}",
    ]


@pytest.mark.parametrize("shape", GOOD)
def test_good_versions_are_promoted(shape: str, story: Any) -> None:
    assert isinstance(story, Story)
    assert story.first_events[-1] == f"Initialization done! {story.full}.jx-production"
    assert [decisions(upgrade.events) for upgrade in story.upgrades] == [promoted(story.full)] * 3
    assert [upgrade.primary_image for upgrade in story.upgrades] == ["v2", "v3", "v4"]
    assert all(upgrade.fewest_ready >= REPLICAS for upgrade in story.upgrades)


@pytest.mark.parametrize("fault", BAD)
def test_a_bad_version_is_rolled_back_and_the_primary_untouched(fault: str, story: Any) -> None:
    assert isinstance(story, Story)
    good, bad, again = story.upgrades
    assert decisions(good.events) == decisions(again.events) == promoted(story.full)
    _check_rollback(story.full, fault, bad)
    assert bad.primary_image == good.tag
    assert again.primary_image == again.tag
    assert all(upgrade.fewest_ready >= REPLICAS for upgrade in story.upgrades)


def _check_rollback(full: str, fault: str, bad: Upgrade) -> None:
    if fault != "stalled-pod":
        assert decisions(bad.events) == rolled_back(full, fault)
        return
    assert bad.events[0].startswith("New revision detected!")
    assert bad.events[-1] == f"Canary failed! Scaling down {full}.jx-production"
    waits = [text for text in bad.events if "not ready: waiting for rollout to finish" in text]
    # A deadline of 30 s, looked at every 10 s.
    assert 2 <= len(waits) <= 5
    assert not any(text.startswith("Advance") for text in bad.events)
