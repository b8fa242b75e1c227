"""Presets of the analysis: named settings for a cautious, a usual, and a fast rollout, and an organization's own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chartgen.canary.strategies import uses_weights
from chartgen.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chartgen.canary.options import AddCanaryOptions

# Option names without `--` → values. Iterations are for strategies that don't shift weights.
PRESETS: dict[str, dict[str, Any]] = {
    "cautious": {"interval": "2m", "threshold": 2, "step-weights": (1, 2, 5, 10, 20, 35, 50), "iterations": 20},
    "standard": {"interval": "60s", "threshold": 5, "max-weight": 50, "step-weight": 10, "iterations": 10},
    "fast": {"interval": "30s", "threshold": 3, "max-weight": 60, "step-weight": 20, "iterations": 5},
}
# The options of a preset, and their fields of AddCanaryOptions.
FIELDS = {
    "interval": "interval",
    "threshold": "threshold",
    "max-weight": "max_weight",
    "step-weight": "step_weight",
    "step-weights": "step_weights",
    "iterations": "iterations",
    "progress-deadline": "deadline",
}
_WEIGHTS = frozenset({"max-weight", "step-weight", "step-weights"})


def with_preset(
    options: AddCanaryOptions, name: str, own: Mapping[str, Mapping[str, Any]], *, except_for: frozenset[str]
) -> AddCanaryOptions:
    """`options` with the settings of a preset, except those of the options `except_for`; UsageError if unknown.

    `own` are the organization's presets, which replace those of the same name.
    """
    presets = {**PRESETS, **own}
    if name not in presets:
        raise UsageError(f"--preset {name!r} is unknown", hint=f"use one of {', '.join(sorted(presets))}")
    left_out = {option.removeprefix("--") for option in except_for}
    if left_out & _WEIGHTS or not uses_weights(options):
        left_out |= _WEIGHTS
    if uses_weights(options):
        left_out.add("iterations")
    settings = {option: value for option, value in presets[name].items() if option not in left_out}
    changed: dict[str, Any] = {
        FIELDS[option]: tuple(value) if isinstance(value, list) else value for option, value in settings.items()
    }
    given = options.given | {f"--{option}" for option in settings} if options.preset else options.given
    return replace(options, **changed, given=given)
