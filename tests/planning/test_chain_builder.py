"""The Markov chain of a release, against a chain built by hand and against whole simulated rollouts."""

from __future__ import annotations

import random
from typing import Any

import pytest

from chartgen.errors import UsageError
from chartgen.flagger.canary import read_canary
from chartgen.flagger.schedule import End, rollout
from chartgen.planning import chain_builder
from chartgen.planning.answers import FlakyAnswers
from chartgen.planning.chain_builder import build_chain
from chartgen.planning.detection import exact
from chartgen.planning.detection.checks import checks_of
from chartgen.planning.detection.model import DetectionModel, Release, Traffic
from chartgen.planning.flaky_course import flaky_course
from chartgen.planning.markov_chain import FinalState
from chartgen.planning.simulated_release import SimulatedRelease, prepare_release
from tests.planning.test_detection import weight_canary

METRIC = {"name": "request-success-rate", "interval": "1m", "thresholdRange": {"min": 99}}


def release_of(pod_start: float = 0.0, provider: str = "istio", **analysis: Any) -> SimulatedRelease:
    spec = {
        "provider": provider,
        "targetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "app"},
        "service": {"port": 80},
        "analysis": {"interval": "60s", "threshold": 5, "metrics": [METRIC], **analysis},
    }
    metadata = {"name": "app", "namespace": "prod"}
    template = {"metadata": {"labels": {"app": "app"}}, "spec": {"containers": [{"name": "app", "image": "app"}]}}
    target = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata,
        "spec": {"selector": {"matchLabels": {"app": "app"}}, "template": template},
    }
    document = {"apiVersion": "flagger.app/v1beta1", "kind": "Canary", "metadata": metadata, "spec": spec}
    return prepare_release(read_canary(document), [target], flagger="1.44.0", pod_start=pod_start)


@pytest.mark.parametrize("share", [0.0, 0.01, 0.03, 1.0])
@pytest.mark.parametrize("threshold", [1, 5])
def test_the_chain_of_a_weight_canary_equals_the_one_built_by_hand(share: float, threshold: int) -> None:
    release = release_of(stepWeight=10, maxWeight=50, threshold=threshold)
    model = DetectionModel(Traffic(20.0), Release(share), checks_of(release.canary).modeled)
    built = exact.outcome_distribution(build_chain(release), model)
    by_hand = exact.outcome_distribution(weight_canary([10, 20, 30, 40, 50], threshold), model)
    assert built.rolled_back == pytest.approx(by_hand.rolled_back, abs=1e-9)
    assert built.promoted == pytest.approx(by_hand.promoted, abs=1e-9)
    assert built.bad_mean == pytest.approx(by_hand.bad_mean, abs=1e-6)
    assert built.bad_p95 == by_hand.bad_p95
    assert built.rollback_seconds == pytest.approx(by_hand.rollback_seconds)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("provider", "analysis"),
    [
        ("istio", {"stepWeight": 20, "maxWeight": 50}),
        ("istio", {"stepWeights": [1, 10, 80], "threshold": 2}),
        ("istio", {"stepWeight": 25, "maxWeight": 50, "stepWeightPromotion": 20, "threshold": 2}),
        ("istio", {"stepWeight": 20, "maxWeight": 40, "mirror": True, "threshold": 2}),
        ("istio", {"iterations": 3, "threshold": 2}),
        ("kubernetes", {"iterations": 3, "threshold": 2}),
        ("istio", {"iterations": 3, "threshold": 2, "match": [{"headers": {"x": {"exact": "y"}}}]}),
    ],
)
def test_the_chain_and_whole_rollouts_agree(provider: str, analysis: dict[str, Any]) -> None:
    """400 rollouts of the simulator, in which each check fails with probability 30 %, against the exact probability."""
    release = release_of(provider=provider, **analysis)
    expected = flaky_course(build_chain(release), 0.3).final[FinalState.PROMOTED]
    promoted = 0
    for seed in range(400):
        timeline = rollout(release.state, FlakyAnswers(release.canary, 0.3, random.Random(seed)), flagger="1.44.0")
        promoted += timeline.outcome.end is End.SUCCEEDED
    assert promoted / 400 == pytest.approx(expected, abs=0.08)


@pytest.mark.slow
def test_slow_pods_only_add_states_before_the_analysis() -> None:
    fast, slow = (build_chain(release_of(pod_start=seconds, stepWeight=10, maxWeight=50)) for seconds in (0.0, 150.0))
    assert len(slow.states) > len(fast.states)
    assert flaky_course(slow, 0.2).final[FinalState.PROMOTED] == pytest.approx(
        flaky_course(fast, 0.2).final[FinalState.PROMOTED]
    )


def test_a_stall_is_a_loop_that_ends_with_failed_checks() -> None:
    endless = build_chain(release_of(stepWeight=40, maxWeight=110))
    assert len(endless.states) < 40
    probabilities = flaky_course(endless, 0.1).final
    assert probabilities[FinalState.PROMOTED] == 0
    assert probabilities[FinalState.ROLLED_BACK] == pytest.approx(1)


def test_too_many_states_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chain_builder, "MAX_STATES", 20)
    with pytest.raises(UsageError, match="more than 20 states"):
        build_chain(release_of(stepWeight=10, maxWeight=50))


@pytest.mark.parametrize(
    ("analysis", "seconds"),
    [
        ({"stepWeight": 10, "maxWeight": 50}, 360),
        ({"stepWeight": 10, "maxWeight": 50, "threshold": 1}, 120),
        ({"iterations": 3, "threshold": 2}, 180),
    ],
)
def test_the_worst_rollback_is_threshold_plus_one_intervals(analysis: dict[str, Any], seconds: float) -> None:
    assert release_of(**analysis).worst_rollback() == seconds


def test_a_canary_without_checks_is_never_rolled_back() -> None:
    assert release_of(stepWeight=10, maxWeight=50, metrics=[]).worst_rollback() == float("inf")
