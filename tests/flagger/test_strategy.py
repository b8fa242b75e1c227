"""One definition of the strategy: what the simulation plays, which recordings of Flagger hold, is what is asked for."""

from __future__ import annotations

from typing import Any

import pytest

from chartgen.flagger.canary import read_canary
from chartgen.flagger.schedule import upgrade
from chartgen.flagger.strategy import KUBERNETES, Strategy, iterations_of, strategy_of
from tests.flagger.schedule.canaries import canary, deployment

MATCH = [{"headers": {"x-canary": {"exact": "yes"}}}]
WEIGHTS: dict[str, Any] = {"stepWeight": 25, "maxWeight": 50}


@pytest.mark.parametrize(
    ("provider", "analysis", "strategy", "iterations"),
    [
        ("istio", WEIGHTS, Strategy.WEIGHTS, 0),
        ("istio", {"match": MATCH, **WEIGHTS}, Strategy.WEIGHTS, 0),
        ("istio", {"iterations": 3}, Strategy.BLUE_GREEN, 3),
        ("istio", {"iterations": 3, "match": MATCH}, Strategy.AB, 3),
        ("istio", {"iterations": 3, "match": []}, Strategy.BLUE_GREEN, 3),
        ("istio", {"iterations": -1, **WEIGHTS}, Strategy.WEIGHTS, -1),
        ("kubernetes", WEIGHTS, Strategy.BLUE_GREEN, 10),
        ("kubernetes", {"iterations": 3, "match": MATCH}, Strategy.BLUE_GREEN, 3),
        ("linkerd", {"iterations": 3, "match": MATCH}, Strategy.AB, 3),
    ],
)
def test_the_strategy_is_the_simulated_one(
    provider: str, analysis: dict[str, Any], strategy: Strategy, iterations: int
) -> None:
    asked = canary(analysis, provider=provider)
    read = read_canary(asked)
    assert (strategy_of(read), iterations_of(read)) == (strategy, iterations)
    timeline = upgrade(asked, [deployment()])
    assert timeline.outcome.end.value == "succeeded"
    ticks = timeline.ticks
    advanced = [event.text for tick in ticks for event in tick.events if event.text.startswith("Advance ")]
    if strategy is Strategy.WEIGHTS:
        assert [text for text in advanced if "canary weight" in text]
        assert not [text for text in advanced if "iteration" in text]
    else:
        assert len([text for text in advanced if "canary iteration" in text]) == iterations
    shares = {tick.canary_share for tick in ticks if any("iteration" in event.text for event in tick.events)}
    # The kubernetes provider has no routes: Flagger's own figure is 100 as soon as it iterates.
    assert (100 in shares) == (strategy is Strategy.AB or provider == KUBERNETES)


def test_a_canary_without_a_provider_uses_the_clusters_provider() -> None:
    asked = canary(WEIGHTS)
    del asked["spec"]["provider"]
    read = read_canary(asked)
    assert (strategy_of(read), strategy_of(read, "kubernetes")) == (Strategy.WEIGHTS, Strategy.BLUE_GREEN)


@pytest.mark.parametrize(
    ("spec", "interval", "skipped"),
    [
        ({"analysis": {"interval": "20s"}}, 20, False),
        ({"canaryAnalysis": {"interval": "20s"}}, 20, False),
        ({"analysis": None, "canaryAnalysis": {"interval": "20s"}}, 20, False),
        ({"analysis": {}, "canaryAnalysis": {"interval": "20s"}}, 60, False),
        ({"analysis": {}, "skipAnalysis": True}, 60, True),
        ({}, 60, True),
    ],
)
def test_the_analysis_is_where_flagger_looks_for_it(spec: dict[str, Any], interval: float, skipped: bool) -> None:
    read = read_canary({"spec": spec})
    assert (read.interval, read.skip_analysis) == (interval, skipped)
