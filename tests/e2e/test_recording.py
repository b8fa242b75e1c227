"""Recording a rollout again gives the same result: the simulator's reference recordings are true of this Flagger."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.record import record
from tests.e2e.recording.compare import differences

if TYPE_CHECKING:
    from tests.e2e.client import JsonObject
    from tests.e2e.plane import Plane

_CHECKOUT = Path(__file__).parents[2]
_PLACES = (_CHECKOUT / "fixtures" / "recordings", _CHECKOUT.parent / "shared" / "flagger" / "recordings")
RECORDINGS = next((place for place in _PLACES if place.exists()), _PLACES[0])
_EXTRA = _CHECKOUT / "fixtures" / "recordings-extra"

# One of each strategy and provider, short ones first. In none does a deadline end just when a tick begins: which of the
# two comes first is chance.
HANDFUL = (
    "ab-2",
    "bluegreen-mirror-2",
    "fail-threshold-2",
    "hook-confirm-promotion",
    "gatewayapi-weights",
    "invented-11-19",
)
SAMPLE = (
    *("affinity", "backend-error", "both-steps", "config-change", "contour-weights", "custom-query", "daemonset"),
    *("delegation", "deleted", "deleted-plain", "hook-event", "hook-retries", "hook-slow", "hpa", "interval-change"),
    *("linkerd-weights", "mirror-weight", "nginx-ab", "outsider-weights", "promote-steps-20", "restart", "run-00"),
    *("run-17", "run-42", "skipper-weights", "slow-pods", "suspend-midway", "template-order", "traefik-weights"),
)


def replay(plane: Plane, names: tuple[str, ...]) -> dict[str, tuple[JsonObject, JsonObject]]:
    """Name → the stored recording and the new one."""
    recordings = [json.loads(_path(name).read_text()) for name in names]
    return dict(zip(names, zip(recordings, record(plane, recordings), strict=True), strict=True))


def _path(name: str) -> Path:
    places = (folder / f"{name}.json" for folder in (RECORDINGS, _EXTRA))
    return next((path for path in places if path.exists()), RECORDINGS / f"{name}.json")


def _known(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in names if _path(name).exists())


@pytest.mark.parametrize("name", _known(HANDFUL))
@pytest.mark.story(replay, _known(HANDFUL))
def test_a_rollout_matches_its_recording(name: str, story: Any) -> None:
    assert list(differences(*story[name])) == []


@pytest.mark.long
@pytest.mark.parametrize("name", _known(SAMPLE))
@pytest.mark.story(replay, _known(SAMPLE))
def test_a_long_rollout_matches_its_recording(name: str, story: Any) -> None:
    assert list(differences(*story[name])) == []


def test_the_sample_is_large_enough() -> None:
    if not RECORDINGS.exists():
        pytest.skip("fixtures/recordings is not here")
    assert len(_known(SAMPLE)) >= 20
    assert len(_known(HANDFUL)) == len(HANDFUL)
