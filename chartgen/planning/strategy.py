"""The release strategy of a Canary, decided in Flagger's order (canary.go:DeploymentStrategy)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from chartgen.flagger.providers import provider_of
from chartgen.flagger.strategy import Strategy, iterations_of, strategy_of

if TYPE_CHECKING:
    from chartgen.flagger.canary import Canary


class WeightLimit(NamedTuple):
    """The weight (percent) at which Flagger promotes, and the field that sets it."""

    field: str
    weight: float


class Approach(NamedTuple):
    """The strategy and its numbers: Flagger promotes at the weight `maximum`; `mirror_share` is 0..1."""

    strategy: Strategy
    provider: str
    weights: tuple[int, ...]
    maximum: int
    iterations: int
    mirror: bool
    mirror_share: float

    @property
    def matching_only(self) -> bool:
        """Whether only matching requests reach the new version."""
        return self.strategy is Strategy.AB and provider_of(self.provider).matches

    @property
    def weight_limit(self) -> WeightLimit | None:
        """The weight at which Flagger promotes; None if iterations decide that, or nothing."""
        if self.strategy is not Strategy.WEIGHTS:
            return None
        return WeightLimit("last of stepWeights" if self.weights else "maxWeight", float(self.maximum))

    @property
    def description(self) -> str:
        match self.strategy:
            case Strategy.WEIGHTS:
                return "canary by weight"
            case Strategy.SKIP:
                return "promotion without analysis"
            case _:
                return f"{self.strategy.value}, {self.iterations} iterations{', mirrored' if self.mirror else ''}"

    def user_share(self, canary_weight: float, match_share: float | None) -> float:
        """The share (0..1) of the users' requests that the new version answers at a routing weight.

        For an A/B test without a `match_share`, it is the share of the matching requests.
        """
        if not provider_of(self.provider).weights:
            return 0.0
        share = match_share if self.matching_only and match_share is not None else 1.0
        return canary_weight / 100 * share


def approach(canary: Canary) -> Approach:
    """The approach of a Canary that the API server accepts; its numbers can still be odd."""
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
