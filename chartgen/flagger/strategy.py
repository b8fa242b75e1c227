"""The release strategy of a Canary (scheduler.go:advanceCanary, canary.go:DeploymentStrategy)."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chartgen.flagger.canary import Canary

# This provider shifts no weights, so Flagger sets this many iterations if none are set.
KUBERNETES = "kubernetes"
FORCED_ITERATIONS = 10


class Strategy(Enum):
    """Flagger's strategies, named as in its docs."""

    WEIGHTS = "canary"
    BLUE_GREEN = "blue/green"
    AB = "A/B testing"
    SKIP = "no analysis"


def iterations_of(canary: Canary, provider: str | None = None) -> int:
    """The iterations of a run; 0 or less means weights. `provider` is the default for a Canary without one."""
    given = canary.analysis.iterations
    return FORCED_ITERATIONS if (provider or canary.provider) == KUBERNETES and given < 1 else given


def strategy_of(canary: Canary, provider: str | None = None) -> Strategy:
    """The strategy of a run with analysis; `canary.skip_analysis` says whether there is one."""
    provider = provider or canary.provider
    if iterations_of(canary, provider) <= 0:
        return Strategy.WEIGHTS
    return Strategy.AB if canary.analysis.match and provider != KUBERNETES else Strategy.BLUE_GREEN
