"""Completes a plan's options from the configuration: budgets, traffic, Flagger version. Options take precedence."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chartgen.config.nearest import config_for
from chartgen.errors import UsageError
from chartgen.flagger.crd import newer_note
from chartgen.planning.scenarios import SUCCESS, parse_scenarios
from chartgen.rules.organization_policy import Policy

if TYPE_CHECKING:
    from chartgen.api.plan_request import PlanOptions
    from chartgen.api.session import Note
    from chartgen.planning.budgets import Budgets
    from chartgen.planning.week_traffic import WeekTraffic


def with_configuration(
    options: PlanOptions, budgets: Budgets, chart: str, config: Path | None, note: Note, *, no_config: bool
) -> tuple[PlanOptions, Budgets, Policy]:
    """The options and budgets, completed from the configuration of `chart`, and its policy; for `-`, of this folder."""
    configuration = config_for(Path("" if chart == "-" else chart), config, disabled=no_config)
    limits = configuration.cluster.policy or Policy()
    traffic: dict[str, Any] = dict(configuration.document.get("traffic", {}))
    for remark in (newer_note(options.flagger),) if options.flagger else configuration.notes:
        if remark:
            note(remark)
    completed = replace(
        options,
        flagger=options.flagger or configuration.cluster.flagger or "",
        mesh_provider=options.mesh_provider or configuration.document.get("cluster", {}).get("provider", ""),
        rps=options.rps if options.rps is not None or options.traffic_file else traffic.get("rps"),
        week=_week(options, limits.traffic.week),
        error_rate=options.error_rate or traffic.get("error-rate", ""),
        healthy_error_rate=options.healthy_error_rate or traffic.get("healthy-error-rate", ""),
        match_share=options.match_share or traffic.get("match-share", ""),
        synthetic_rps=options.synthetic_rps if options.synthetic_rps is not None else traffic.get("synthetic-rps"),
        scrape_interval=options.scrape_interval or f"{configuration.cluster.scrape_seconds:g}s",
    )
    policy = _applicable(limits.budgets, options)
    source = os.path.relpath(configuration.source) if configuration.source else ""
    return completed, _merged(budgets, policy, source), limits


def _week(options: PlanOptions, configured: WeekTraffic | None) -> WeekTraffic | None:
    """The week of `--traffic`, else that of the configuration; `--rps` replaces the latter."""
    if options.traffic_file is None:
        return configured if options.rps is None else None
    if options.rps is not None:
        raise UsageError("--traffic can't be combined with --rps", hint="leave out one of them")
    from chartgen.inputs.files import read_named, text_of
    from chartgen.inputs.limits import TRAFFIC_BYTES
    from chartgen.planning.week_traffic import week_of_csv

    file = options.traffic_file
    return week_of_csv(text_of(read_named(file, TRAFFIC_BYTES), file), str(file))


def _applicable(policy: Budgets, options: PlanOptions) -> Budgets:
    """A policy applies to upgrades; its duration applies if the scenario `success` is planned."""
    if options.bootstrap:
        return type(policy)()
    return policy if SUCCESS in parse_scenarios(options.scenarios) else replace(policy, duration=None)


def _merged(budgets: Budgets, policy: Budgets, source: str) -> Budgets:
    """The options' budgets, then the policy's; those of the policy are from `source`."""
    return type(budgets)(
        exposure=policy.exposure if budgets.exposure is None else budgets.exposure,
        duration=policy.duration if budgets.duration is None else budgets.duration,
        rollback_time=policy.rollback_time if budgets.rollback_time is None else budgets.rollback_time,
        failed_requests=policy.failed_requests if budgets.failed_requests is None else budgets.failed_requests,
        detect=budgets.detect or policy.detect,
        false_alarm=policy.false_alarm if budgets.false_alarm is None else budgets.false_alarm,
        source=source,
        from_policy=policy.names - budgets.names,
    )
