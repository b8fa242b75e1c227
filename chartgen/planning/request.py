"""The request for a plan, and the Canary to plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from chartgen.flagger.crd import NEWEST
from chartgen.planning.scenarios import SUCCESS
from chartgen.planning.simulation_settings import SimulationSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chartgen.planning.detection.detection_budget import DetectionBudget
    from chartgen.planning.scenarios import Scenario

DEFAULT_RATES = (0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1.0)


class PlanRequest(NamedTuple):
    """What to compute. `pod_start` (seconds) overrides the probes; rates are shares of requests (0..1).

    `mesh_provider`: the provider of Canaries without spec.provider; empty if unknown.
    """

    scenarios: tuple[Scenario, ...] = (SUCCESS,)
    settings: SimulationSettings = SimulationSettings()
    bootstrap: bool = False
    pod_start: float | None = None
    flagger: str = NEWEST
    error_rates: tuple[float, ...] = DEFAULT_RATES
    slow_rates: tuple[float, ...] = ()
    detect: tuple[DetectionBudget, ...] = ()
    mesh_provider: str = ""


class CanaryContext(NamedTuple):
    """A Canary document and the objects around it, all with their namespace.

    `only_flagger_objects`: the input has nothing else, so the plan assumes that the objects they reference exist.
    `chart`: the name of the chart that renders them, empty for manifests.
    """

    canary: Mapping[str, Any]
    objects: tuple[Mapping[str, Any], ...]
    only_flagger_objects: bool = False
    chart: str = ""

    @property
    def name(self) -> str:
        return str((self.canary.get("metadata") or {}).get("name") or "")
