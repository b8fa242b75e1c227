"""The settings that a search tries: a bounded grid of what people use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chartgen.flagger.strategy import Strategy
from chartgen.planning.suggestion.setting import Routing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.planning.suggestion.setting import Setting

THRESHOLDS = (1, 2, 3, 4, 5)
_WINDOWS = {30: (30, 60, 120), 60: (60, 120, 300), 120: (120, 300, 600), 180: (180, 600), 300: (300, 900), 600: (600,)}
INTERVALS = tuple(_WINDOWS)
_ITERATIONS = (1, 2, 3, 5, 8, 10, 15, 20, 30)
# Step and maximum, in percent: the maximum is a multiple of the step, which Flagger would exceed otherwise.
_LINEAR = (
    (2, 10), (5, 5), (5, 15), (5, 25), (5, 50), (10, 10), (10, 30), (10, 50), (10, 100), (20, 20), (20, 40),
    (20, 60), (25, 50), (25, 100), (30, 30), (50, 50), (50, 100),
)  # fmt: skip
_LISTS = (
    (1, 5, 10, 25, 50),
    (2, 5, 10, 20, 50),
    (5, 10, 25, 50),
    (5, 20, 50),
    (10, 25, 50),
    (5, 25, 50, 100),
    (10, 50),
)
# A window of fewer scrapes loses much of what it should count.
_SCRAPES_PER_WINDOW = 4


@dataclass(frozen=True, slots=True)
class Limits:
    """The highest weight and the largest step that a policy allows, in percent; None without a limit.

    `same_form`: steps stay steps, and a list of weights stays a list.
    """

    max_weight: float | None = None
    max_step: float | None = None
    same_form: bool = False

    def allow(self, weights: tuple[int, ...]) -> bool:
        """Whether a series of weights stays within the limits."""
        steps = [after - before for before, after in zip((0, *weights), weights, strict=False)]
        return max(weights) <= (self.max_weight or 100) and max(steps) <= (self.max_step or 100)


def routings(strategy: Strategy, limits: Limits, current: Setting | None) -> tuple[Routing, ...]:
    """The ways to move the traffic, the Canary's own one first."""
    if strategy is not Strategy.WEIGHTS:
        return tuple(Routing(iterations=count) for count in _ITERATIONS)
    found = [Routing(step, most) for step, most in _LINEAR if limits.allow(tuple(range(step, most + 1, step)))]
    found += [Routing(step_weights=weights) for weights in _LISTS if limits.allow(weights)]
    own = (
        [current.routing]
        if current and current.routing.fields.get("stepWeight", 1) and _within(current, limits)
        else []
    )
    if limits.same_form and current:
        in_list = bool(current.routing.step_weights)
        found = [routing for routing in found if bool(routing.step_weights) is in_list]
    return tuple(dict.fromkeys([*own, *found]))


def is_allowed(strategy: Strategy, limits: Limits, current: Setting) -> bool:
    """Whether the limits allow the weights that the Canary has."""
    return strategy is not Strategy.WEIGHTS or _within(current, limits)


def _within(current: Setting, limits: Limits) -> bool:
    routing = current.routing
    step, most = routing.step_weight, routing.max_weight
    weights = routing.step_weights or (tuple(range(step, most + step, step)) if step > 0 else ())
    return bool(weights) and list(weights) == sorted(set(weights)) and weights[-1] <= 100 and limits.allow(weights)  # noqa: PLR2004 - percent


def windows(interval: int, scrape_seconds: float) -> Iterator[int]:
    """The windows for checks in this interval: no request is left out, and each window has enough scrapes."""
    shortest = max(interval, _SCRAPES_PER_WINDOW * scrape_seconds)
    found = [window for window in _WINDOWS[interval] if window >= shortest]
    yield from found or [round(-(-shortest // 60) * 60)]
