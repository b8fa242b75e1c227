"""The result of a search, as reporters print it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chartgen.planning.suggestion.outcome import excesses

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chartgen.planning.budgets import Budgets
    from chartgen.planning.release_hours import ReleaseHours
    from chartgen.planning.release_plan import Subject
    from chartgen.planning.simulation_settings import SimulationSettings
    from chartgen.planning.suggestion.outcome import Outcome


@dataclass(frozen=True, slots=True)
class OtherTraffic:
    """The chosen setting with another rate of requests: `label` says which one.

    `rps` is per second in the hour that detection counts, `peak_rps` in the busiest one.
    """

    label: str
    rps: float
    peak_rps: float
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`front`: the settings that meet all budgets and that no other one beats, the fastest first.

    `chosen` is the first of them, or `current` if that meets the budgets and none is faster. Without one, `obstacles`
    say which budget is in the way, and `nearest` is the setting that exceeds the budgets least.
    `quietest_obstacles`: why no setting meets the budgets in the quietest hour, if another one was searched instead.
    `current` is what the Canary has, `current_is_allowed` whether the limits allow it. `searched` counts the
    combinations of routing, interval and window.
    `manifest` is the Canary with the chosen setting, or with the nearest one; `values` of a chart set it.
    """

    subject: Subject
    settings: SimulationSettings
    budgets: Budgets
    counters: str
    searched: int
    current: Outcome | None
    current_is_allowed: bool = True
    front: tuple[Outcome, ...] = ()
    chosen: Outcome | None = None
    nearest: Outcome | None = None
    obstacles: tuple[str, ...] = ()
    quietest_obstacles: tuple[str, ...] = ()
    manifest: Mapping[str, Any] | None = None
    values: Mapping[str, Any] | None = None
    other_traffic: tuple[OtherTraffic, ...] = ()
    hours: ReleaseHours | None = None

    @property
    def current_suffices(self) -> bool:
        """Whether what the Canary has meets all budgets and limits already."""
        return self.current is not None and self.current_is_allowed and not any(excesses(self.current, self.budgets))

    @property
    def keeps_current(self) -> bool:
        """Whether the suggestion is what the Canary has."""
        return self.chosen is not None and self.chosen == self.current
