"""Says why Flagger rolls back healthy releases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.planning.amounts import format_probability, format_share
from chartgen.planning.detection.discrimination import detects
from chartgen.planning.week_traffic import rate_text

if TYPE_CHECKING:
    from chartgen.planning.simulation_settings import SimulationSettings


def false_alarm_warning(settings: SimulationSettings, alarm: float, without_values: float) -> str:
    """`alarm`: the probability to roll back a healthy release; `without_values`: that of missing values alone."""
    hour = settings.detection_hour or f" at {rate_text(settings.rps or 0.0)}"
    who = "every healthy release" if alarm == 1 else f"{format_probability(alarm)} of the healthy releases"
    meaning = "" if detects(1.0, alarm) else ", so a rollback says nothing about a release"
    return f"Flagger rolls back {who}{hour}{meaning}: {_cause(settings, alarm, without_values)}"


def _cause(settings: SimulationSettings, alarm: float, without_values: float) -> str:
    if without_values >= alarm / 2:
        return "too few requests reach the new version, and a check without values fails; generate load"
    if settings.healthy_error_rate:
        share = format_share(settings.healthy_error_rate)
        return f"{share} of its requests fail (--healthy-error-rate), which is too close to the bound of the checks"
    return "the checks don't accept its answers"
