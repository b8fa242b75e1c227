"""The settings of the analysis that another run with options of the strategy changes, adds, or removes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.canary import strategies
from chartgen.flagger.providers import provider_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chartgen.canary.options import AddCanaryOptions

_MATCHES = frozenset({"--match-header", "--match-cookie"})
_WEIGHTS = frozenset({"--step-weights", "--max-weight", "--step-weight"})
_KEYS = ("stepWeights", "maxWeight", "stepWeight", "iterations", "match", "mirror", "mirrorWeight")


def strategy_changes(block: Mapping[str, Any], options: AddCanaryOptions) -> tuple[str, dict[str, Any]]:
    """The option that causes the changes, and the fields of the analysis → their new values; None removes a field.

    Changed fields are before removed ones: a map that becomes empty would lose its comments.
    """
    found = block.get("canaryAnalysis")
    analysis = found if isinstance(found, dict) else {}
    option, strategy = _wanted(block, analysis, options)
    if not strategy:
        return "", {}
    wanted = _fields(strategy, analysis, options)
    removed = {key: None for key in _KEYS if key in analysis and key not in wanted}
    return option, {**wanted, **removed}


def _wanted(block: Mapping[str, Any], analysis: Mapping[str, Any], options: AddCanaryOptions) -> tuple[str, str]:
    """The option that decides, and the strategy; both empty if the strategy stays as it is."""
    given = options.given
    first = next((option for option in ("--strategy", *sorted(_MATCHES)) if option in given), None)
    if first:
        return first, strategies.strategy_of(options)
    if given & _WEIGHTS:
        option = next(option for option in ("--step-weights", "--step-weight", "--max-weight") if option in given)
        return option, "mirror" if analysis.get("mirror") else "canary"
    if "--iterations" in given:
        mirrored = "mirror" if analysis.get("mirror") else "blue-green"
        return "--iterations", "ab" if analysis.get("match") else mirrored
    if "--provider" in given:
        shifts, shifted = (
            provider_of(options.provider).weights,
            provider_of(str(block.get("provider") or "istio")).weights,
        )
        if not shifts:
            return "--provider", "blue-green"
        if not shifted and "iterations" in analysis and not analysis.get("match"):
            return "--provider", "canary"
    return "", ""


def _fields(strategy: str, analysis: Mapping[str, Any], options: AddCanaryOptions) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if not strategies.shifts_weights(strategy, options.provider):
        fields["iterations"] = options.iterations or analysis.get("iterations") or strategies.DEFAULT_ITERATIONS
    elif options.step_weights:
        fields["stepWeights"] = list(options.step_weights)
    elif "stepWeights" in analysis and not options.given & _WEIGHTS:
        fields["stepWeights"] = analysis["stepWeights"]
    else:
        fields["maxWeight"] = options.max_weight or analysis.get("maxWeight") or strategies.DEFAULT_MAX_WEIGHT
        fields["stepWeight"] = options.step_weight or analysis.get("stepWeight") or strategies.DEFAULT_STEP_WEIGHT
    if strategy == "ab":
        fields["match"] = strategies.matches(options) or analysis.get("match")
    if strategy == "mirror":
        fields["mirror"] = True
        fields["mirrorWeight"] = analysis.get("mirrorWeight", strategies.MIRROR_WEIGHT)
    return fields
