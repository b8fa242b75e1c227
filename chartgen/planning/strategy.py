"""A Canary's strategy with its numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chartgen.flagger.providers import provider_of
from chartgen.flagger.strategy import Strategy, iterations_of, strategy_of

if TYPE_CHECKING:
    from chartgen.flagger.canary import Canary


@dataclass(frozen=True, slots=True)
class Approach:
    """The strategy with its numbers: `maximum` is the weight at which it promotes, `mirror_share` of 0..1."""

    strategy: Strategy
    provider: str
    weights: tuple[int, ...]
    maximum: int
    iterations: int
    mirror: bool
    mirror_share: float

    @property
    def matching_only(self) -> bool:
        """Whether only requests that match are routed to the new version."""
        return self.strategy is Strategy.AB and provider_of(self.provider).matches

    @property
    def told(self) -> str:
        match self.strategy:
            case Strategy.WEIGHTS:
                return "canary by weight"
            case Strategy.SKIP:
                return "promotion without analysis"
            case _:
                return f"{self.strategy.value}, {self.iterations} iterations{', mirrored' if self.mirror else ''}"

    def users(self, canary_weight: float, match_share: float | None) -> float:
        """The share (0..1) of users' requests the new version answers at a routing weight.

        Without a `match_share` that of an A/B test is the share of the matching requests.
        """
        if not provider_of(self.provider).weights:
            return 0.0
        share = match_share if self.matching_only and match_share is not None else 1.0
        return canary_weight / 100 * share


def approach(canary: Canary) -> Approach:
    """What the Canary asks for; numbers the API server let through may still be odd."""
    analysis, provider = canary.analysis, canary.provider
    weights = analysis.step_weights
    wanted = analysis.max_weight if analysis.max_weight > 0 else 100
    mirror_share = (analysis.mirror_weight if analysis.mirror_weight > 0 else 100) / 100
    return Approach(
        Strategy.SKIP if canary.skip_analysis else strategy_of(canary),
        provider,
        weights,
        min(100, weights[-1]) if weights else wanted,
        iterations_of(canary),
        analysis.mirror,
        mirror_share if analysis.mirror else 0.0,
    )
