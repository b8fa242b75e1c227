"""What the configuration adds to a plan: the policy's budgets, the traffic, the cluster's Flagger. Options win."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chartgen.config.config import config_for
from chartgen.planning.scenarios import SUCCESS, parse_scenarios

if TYPE_CHECKING:
    from chartgen.cli.plan_request import PlanOptions
    from chartgen.planning.budgets import Budgets


def with_configuration(
    asked: PlanOptions, budgets: Budgets, chart: str, config: Path | None, *, no_config: bool
) -> tuple[PlanOptions, Budgets]:
    """The questions and budgets over those of the configuration that holds for `chart`; `-` is in this folder."""
    found = config_for(Path("" if chart == "-" else chart), config, disabled=no_config)
    traffic: dict[str, Any] = dict(found.document.get("traffic", {}))
    configured = replace(
        asked,
        flagger=asked.flagger or found.cluster.flagger or "",
        rps=asked.rps if asked.rps is not None else traffic.get("rps"),
        error_rate=asked.error_rate or traffic.get("error-rate", ""),
        healthy_error_rate=asked.healthy_error_rate or traffic.get("healthy-error-rate", ""),
        match_share=asked.match_share or traffic.get("match-share", ""),
        synthetic_rps=asked.synthetic_rps or traffic.get("synthetic-rps", 0.0),
    )
    return configured, _over(budgets, _that_apply(found.cluster.policy.budgets, asked))


def _that_apply(policy: Budgets, asked: PlanOptions) -> Budgets:
    """A policy is about upgrades; its duration about those that succeed, where they are asked about."""
    if asked.bootstrap:
        return type(policy)()
    return policy if SUCCESS in parse_scenarios(asked.scenarios) else replace(policy, duration=None)


def _over(given: Budgets, policy: Budgets) -> Budgets:
    return type(given)(
        exposure=policy.exposure if given.exposure is None else given.exposure,
        duration=policy.duration if given.duration is None else given.duration,
        rollback_time=policy.rollback_time if given.rollback_time is None else given.rollback_time,
        failed_requests=policy.failed_requests if given.failed_requests is None else given.failed_requests,
        detect=given.detect or policy.detect,
    )
