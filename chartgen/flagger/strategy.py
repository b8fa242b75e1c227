"""Which way of releasing a Canary asks for (scheduler.go:advanceCanary, canary.go:DeploymentStrategy)."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chartgen.flagger.canary import Canary

# It shifts no weights, so Flagger sets this many iterations where none are asked for.
KUBERNETES = "kubernetes"
FORCED_ITERATIONS = 10


class Strategy(Enum):
    """Flagger's strategies, in the words of its docs."""

    WEIGHTS = "canary"
    BLUE_GREEN = "blue/green"
    AB = "A/B testing"
    SKIP = "no analysis"


def iterations_of(canary: Canary, provider: str | None = None) -> int:
    """The iterations of a run; 0 or less: it goes by weights. `provider` speaks for a Canary that names none."""
    given = canary.analysis.iterations
    return FORCED_ITERATIONS if (provider or canary.provider) == KUBERNETES and given < 1 else given


def strategy_of(canary: Canary, provider: str | None = None) -> Strategy:
    """The strategy of a run that is analysed; whether it is says `canary.skip_analysis`."""
    provider = provider or canary.provider
    if iterations_of(canary, provider) <= 0:
        return Strategy.WEIGHTS
    return Strategy.AB if canary.analysis.match and provider != KUBERNETES else Strategy.BLUE_GREEN
