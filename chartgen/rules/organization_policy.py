"""An organization's policy for its canaries: the `policy` of a configuration."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chartgen.errors import UsageError
from chartgen.planning.amounts import share_of
from chartgen.planning.budgets import Budgets, parse_budgets
from chartgen.planning.simulation_settings import SimulationSettings
from chartgen.planning.week_traffic import week_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chartgen.inputs.schema import BoundedSchema


@dataclass(frozen=True, slots=True)
class RequiredMetric:
    """A metric that every analysis must have, with a range at least as strict as `min` and `max`."""

    name: str
    min: float | None = None
    max: float | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """Limits and requirements; whatever is empty or None isn't checked.

    - `namespaces`, `gateways`, `hosts`, `providers`: globs.
    - `max_weight` in percent, `max_step` in percentage points.
    - `traffic`: the requests that some budgets count.
    - `webhooks`: the types of webhooks that every analysis must have.
    - `schema`: validates the rendered Canary; `schema_name` is its name in messages.
    """

    namespaces: tuple[str, ...] = ()
    gateways: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    max_weight: float | None = None
    max_step: float | None = None
    budgets: Budgets = field(default_factory=Budgets)
    traffic: SimulationSettings = field(default_factory=SimulationSettings)
    metrics: tuple[RequiredMetric, ...] = ()
    webhooks: tuple[str, ...] = ()
    alerts: bool = False
    forbid_skip_analysis: bool = False
    schema: BoundedSchema | None = None
    schema_name: str = ""


def policy_of(
    given: Mapping[str, Any], schema: BoundedSchema | None = None, traffic: SimulationSettings | None = None
) -> Policy:
    """The policy from `policy` in a configuration (chartgen-config.schema.json).

    UsageError for invalid amounts, and for budgets that count requests without `traffic`.
    """
    metrics = (given.get("metrics") or {}).items()
    return Policy(
        namespaces=tuple(given.get("namespaces", ())),
        gateways=tuple(given.get("gateways", ())),
        hosts=tuple(given.get("hosts", ())),
        providers=tuple(given.get("providers", ())),
        max_weight=given.get("max-weight"),
        max_step=given.get("max-step"),
        budgets=_budgets(given, traffic or SimulationSettings()),
        traffic=traffic or SimulationSettings(),
        metrics=tuple(
            RequiredMetric(name, (bounds or {}).get("min"), (bounds or {}).get("max")) for name, bounds in metrics
        ),
        webhooks=tuple(given.get("webhooks", ())),
        alerts=given.get("alerts", False),
        forbid_skip_analysis=given.get("forbid-skip-analysis", False),
        schema=schema,
        schema_name=str(given.get("schema", "")),
    )


def _budgets(given: Mapping[str, Any], traffic: SimulationSettings) -> Budgets:
    budgets = parse_budgets(
        given.get("max-exposure"),
        given.get("max-duration", ""),
        given.get("max-rollback-time", ""),
        given.get("max-failed-requests"),
        given.get("detect", []),
        given.get("false-alarm", ""),
    )
    counting = sorted(budgets.names & {"detect", "false-alarm", "max-failed-requests"})
    if counting and traffic.rps is None:
        key = counting[0]
        raise UsageError(f"{key} needs the traffic", hint="add `traffic: {rps: N}`, the requests per second")
    return budgets


def traffic_of(given: Mapping[str, Any]) -> SimulationSettings:
    """The simulator's settings from `traffic` in a configuration; UsageError for an invalid share, or without `rps`."""
    if given and "rps" not in given and "hours" not in given:
        raise UsageError("rps is missing", hint="add rps, the requests per second that the service gets, or hours")
    if "rps" in given and "hours" in given:
        raise UsageError("rps and hours can't be combined", hint="leave out one of them")
    hours = given.get("hours", {})
    week = week_of(((f"hours: {key}", key, rate) for key, rate in hours.items()), "hours") if "hours" in given else None
    shares = {
        key: share_of(given[key], key) for key in ("error-rate", "healthy-error-rate", "match-share") if key in given
    }
    return SimulationSettings(
        rps=min(week.rates) if week else given.get("rps"),
        week=week,
        error_rate=shares.get("error-rate"),
        healthy_error_rate=shares.get("healthy-error-rate", 0.0),
        synthetic_rps=given.get("synthetic-rps"),
        match_share=shares.get("match-share"),
    )
