"""The simulator's states as a chain, against chains made by hand and against whole simulated rollouts."""

from __future__ import annotations

import random
from typing import Any

import pytest

from chartgen.errors import UsageError
from chartgen.flagger.canary import read_canary
from chartgen.flagger.schedule import End as Simulated
from chartgen.flagger.schedule import rollout
from chartgen.planning import states
from chartgen.planning.answers import Flaky
from chartgen.planning.detection import exact as walk
from chartgen.planning.detection.checks import checks_of
from chartgen.planning.detection.model import DetectionModel, Release, Traffic
from chartgen.planning.flaky import end_probabilities
from chartgen.planning.markov_chain import End
from chartgen.planning.simulated_release import SimulatedRelease, rehearsal
from chartgen.planning.states import chain_of
from tests.planning.test_detection import weight_canary

METRIC = {"name": "request-success-rate", "interval": "1m", "thresholdRange": {"min": 99}}


def staged(pod_start: float = 0.0, provider: str = "istio", **analysis: Any) -> SimulatedRelease:
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
    return rehearsal(read_canary(document), [target], flagger="1.44.0", pod_start=pod_start)


@pytest.mark.parametrize("share", [0.0, 0.01, 0.03, 1.0])
@pytest.mark.parametrize("threshold", [1, 5])
def test_the_seed_examples_states_are_those_of_the_textbook(share: float, threshold: int) -> None:
    stage = staged(stepWeight=10, maxWeight=50, threshold=threshold)
    question = DetectionModel(Traffic(20.0), Release(share), checks_of(stage.canary).known)
    simulated = walk.fate(chain_of(stage), question)
    by_hand = walk.fate(weight_canary([10, 20, 30, 40, 50], threshold), question)
    assert simulated.rolled_back == pytest.approx(by_hand.rolled_back, abs=1e-9)
    assert simulated.promoted == pytest.approx(by_hand.promoted, abs=1e-9)
    assert simulated.bad_mean == pytest.approx(by_hand.bad_mean, abs=1e-6)
    assert simulated.bad_p95 == by_hand.bad_p95
    assert simulated.rollback_seconds == pytest.approx(by_hand.rollback_seconds)


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
def test_walked_states_and_whole_rollouts_agree(provider: str, analysis: dict[str, Any]) -> None:
    """400 rollouts of the simulator itself, each check failing with 30 %, against the probability that walks."""
    stage = staged(provider=provider, **analysis)
    exact = end_probabilities(chain_of(stage), 0.3)[End.PROMOTED]
    promoted = 0
    for seed in range(400):
        played = rollout(stage.state, Flaky(stage.canary, 0.3, random.Random(seed)), flagger="1.44.0")
        promoted += played.outcome.end is Simulated.SUCCEEDED
    assert promoted / 400 == pytest.approx(exact, abs=0.08)


def test_slow_pods_only_put_stands_before_the_run() -> None:
    quick, slow = (chain_of(staged(pod_start=start, stepWeight=10, maxWeight=50)) for start in (0.0, 150.0))
    assert len(slow.states) > len(quick.states)
    assert end_probabilities(slow, 0.2)[End.PROMOTED] == pytest.approx(end_probabilities(quick, 0.2)[End.PROMOTED])


def test_a_stall_is_a_loop_that_failed_checks_leave() -> None:
    endless = chain_of(staged(stepWeight=40, maxWeight=110))
    assert len(endless.states) < 40
    ends = end_probabilities(endless, 0.1)
    assert ends[End.PROMOTED] == 0
    assert ends[End.ROLLED_BACK] == pytest.approx(1)


def test_too_many_states_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(states, "MAX_STATES", 20)
    with pytest.raises(UsageError, match="more than 20 states"):
        chain_of(staged(stepWeight=10, maxWeight=50))


@pytest.mark.parametrize(
    ("analysis", "seconds"),
    [
        ({"stepWeight": 10, "maxWeight": 50}, 360),
        ({"stepWeight": 10, "maxWeight": 50, "threshold": 1}, 120),
        ({"iterations": 3, "threshold": 2}, 180),
    ],
)
def test_the_worst_rollback_is_threshold_plus_one_intervals(analysis: dict[str, Any], seconds: float) -> None:
    assert staged(**analysis).worst_rollback() == seconds


def test_what_nothing_measures_is_never_rolled_back() -> None:
    assert staged(stepWeight=10, maxWeight=50, metrics=[]).worst_rollback() == float("inf")
