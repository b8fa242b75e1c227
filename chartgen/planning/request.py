"""What is asked of a plan, and the Canary it is asked about."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chartgen.flagger.crd import NEWEST
from chartgen.planning.detection.operating_characteristic import DEFAULT_RATES
from chartgen.planning.release_plan import Settings
from chartgen.planning.scenarios import SUCCESS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chartgen.planning.budgets import Detect
    from chartgen.planning.scenarios import Scenario


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """The questions. `pod_start` in seconds replaces what the probes say; rates are shares of requests (0..1)."""

    scenarios: tuple[Scenario, ...] = (SUCCESS,)
    settings: Settings = field(default_factory=Settings)
    bootstrap: bool = False
    pod_start: float | None = None
    flagger: str = NEWEST
    error_rates: tuple[float, ...] = DEFAULT_RATES
    slow_rates: tuple[float, ...] = ()
    detect: tuple[Detect, ...] = ()


@dataclass(frozen=True, slots=True)
class Stage:
    """A Canary document and the objects that stand around it, all with their namespace.

    `alone`: nothing but Flagger objects is known, so that what they refer to is taken as there.
    """

    canary: Mapping[str, Any]
    objects: tuple[Mapping[str, Any], ...]
    alone: bool = False

    @property
    def name(self) -> str:
        return str((self.canary.get("metadata") or {}).get("name") or "")
