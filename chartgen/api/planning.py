"""Plans releases of the Canaries of a chart, and judges them by budgets."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from chartgen.api.names import kube_version, release_name
from chartgen.api.plan_canaries import canary_contexts, compared_context, require_one
from chartgen.api.plan_policy import with_configuration
from chartgen.api.plan_request import CanarySource, PlanOptions
from chartgen.api.settings import PlanSettings, checked
from chartgen.api.unfinished import warn_unfinished
from chartgen.planning.budgets import exceeded, parse_budgets
from chartgen.planning.judged_hours import with_release_hours
from chartgen.planning.planner import plan_release
from chartgen.planning.report import BudgetedPlan, Report

if TYPE_CHECKING:
    from chartgen.api.session import Session
    from chartgen.planning.budgets import Budgets
    from chartgen.planning.request import CanaryContext, PlanRequest
    from chartgen.rules.organization_policy import Policy


@dataclass(frozen=True, slots=True)
class PlanInputs:
    """What to plan, and how: the options and budgets are completed from the configuration, whose policy is `policy`."""

    source: CanarySource
    options: PlanOptions
    budgets: Budgets
    policy: Policy


def plan_canaries(chart: str, settings: PlanSettings, session: Session) -> Report:
    """See chartgen.api.plan."""
    inputs = plan_inputs(chart, settings, session)
    source, request, budgets = inputs.source, inputs.options.request(inputs.budgets), inputs.budgets
    compare = settings.get("compare") or ""
    paths = [Path(path) for path in (source.path, compare.removeprefix("chart:")) if path not in {"", "-"}]
    warn_unfinished(paths, session.note)
    engine = session.engine
    contexts = canary_contexts(engine, source, session.note)
    if compare:
        require_one(contexts, source.label)
    compared = [compared_context(engine, source, compare, session.note)] if compare else []
    labels = ["here", compare] if compare else [""] * len(contexts)
    entries = [
        _budgeted_plan(context, request, budgets, label)
        for context, label in zip([*contexts, *compared], labels, strict=True)
    ]
    return Report(tuple(entries), compared=bool(compare), budgets=bool(budgets))


def plan_inputs(chart: str, settings: PlanSettings, session: Session) -> PlanInputs:
    """The inputs that the settings and the configuration give; UsageError for invalid ones."""
    given = checked(settings, PlanSettings)
    budgets = parse_budgets(
        given.get("max_exposure"),
        given.get("max_duration", ""),
        given.get("max_rollback_time", ""),
        given.get("max_failed_requests"),
        list(given.get("detect", ())),
        given.get("false_alarm", ""),
    )
    traffic, config = given.get("traffic"), given.get("config")
    options = PlanOptions(
        scenarios=list(given.get("scenario", ())),
        bootstrap=given.get("bootstrap", False),
        pod_start=given.get("pod_start", ""),
        flagger=given.get("flagger_version", ""),
        rps=given.get("rps"),
        error_rate=given.get("error_rate", ""),
        error_rates=given.get("error_rates", ""),
        slow_rates=given.get("slow_rate", ""),
        healthy_error_rate=given.get("healthy_error_rate", ""),
        match_share=given.get("match_share", ""),
        synthetic_rps=given.get("synthetic_rps"),
        pods=given.get("pods"),
        scrape_interval=given.get("scrape_interval", ""),
        seed=given.get("seed", 0),
        runs=given.get("runs", 1000),
        mesh_provider=given.get("mesh_provider", ""),
        traffic_file=Path(traffic) if traffic else None,
    )
    options, budgets, policy = with_configuration(
        options,
        budgets,
        chart,
        Path(config) if config else None,
        session.note,
        no_config=given.get("no_config", False),
    )
    return PlanInputs(_source(chart, settings, session), options, budgets, policy)


def _source(chart: str, settings: PlanSettings, session: Session) -> CanarySource:
    return CanarySource(
        chart,
        settings.get("namespace"),
        release_name(settings.get("release_name") or "release-name"),
        session.value_sources(settings),
        kube_version(settings.get("kube_version") or ""),
        tuple(settings.get("api_versions") or ()),
        settings.get("canary") or "",
    )


def _budgeted_plan(context: CanaryContext, request: PlanRequest, budgets: Budgets, label: str) -> BudgetedPlan:
    plan = plan_release(context, request)
    if request.settings.week and not request.bootstrap:
        plan = with_release_hours(plan, context, request, budgets)
    return BudgetedPlan(label, plan, exceeded(plan, budgets))
