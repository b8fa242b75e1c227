"""What an organisation asks of its canaries, beyond what Flagger asks: the `policy` of a configuration."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chartgen.flagger.planning.budgets import Budgets, parse_budgets

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jsonschema.protocols import Validator


@dataclass(frozen=True, slots=True)
class Demand:
    """A metric every analysis must have. Its range must be as strict: `min` at least this, `max` at most this."""

    name: str
    min: float | None = None
    max: float | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """Limits and demands; what is empty or None is not asked for.

    `namespaces`, `gateways`, `hosts` and `providers` are globs, weights percent. `webhooks` are types of webhooks of
    which there must be one each. `schema` holds the rendered Canary against a JSON Schema, called `schema_name`.
    """

    namespaces: tuple[str, ...] = ()
    gateways: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    max_weight: float | None = None
    max_step: float | None = None
    budgets: Budgets = field(default_factory=Budgets)
    metrics: tuple[Demand, ...] = ()
    webhooks: tuple[str, ...] = ()
    alerts: bool = False
    forbid_skip_analysis: bool = False
    schema: Validator | None = None
    schema_name: str = ""


def policy_of(given: Mapping[str, Any], schema: Validator | None = None) -> Policy:
    """The policy as a configuration writes it (chartgen-config.schema.json); UsageError for a duration that is none."""
    demands = (given.get("metrics") or {}).items()
    return Policy(
        namespaces=tuple(given.get("namespaces", ())),
        gateways=tuple(given.get("gateways", ())),
        hosts=tuple(given.get("hosts", ())),
        providers=tuple(given.get("providers", ())),
        max_weight=given.get("max-weight"),
        max_step=given.get("max-step"),
        budgets=parse_budgets(
            given.get("max-exposure"), given.get("max-duration", ""), given.get("max-rollback-time", ""), None, []
        ),
        metrics=tuple(Demand(name, (bounds or {}).get("min"), (bounds or {}).get("max")) for name, bounds in demands),
        webhooks=tuple(given.get("webhooks", ())),
        alerts=given.get("alerts", False),
        forbid_skip_analysis=given.get("forbid-skip-analysis", False),
        schema=schema,
        schema_name=str(given.get("schema", "")),
    )
