"""Runs `chartgen plan`: reads the Canaries, plans them, checks the budgets, prints the report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from chartgen.cli import exit_codes
from chartgen.cli.output import note, write_result
from chartgen.cli.plan_canaries import canary_contexts, compared_context, require_one
from chartgen.cli.unfinished import warn_unfinished
from chartgen.helm.select import select_engine
from chartgen.planning.budgets import exceeded
from chartgen.planning.judged_hours import with_release_hours
from chartgen.planning.planner import plan_release
from chartgen.planning.report import BudgetedPlan, Report
from chartgen.reporters.plan_registry import BUDGET_FORMATS, FORMATS, ONE_PLAN_FORMATS

if TYPE_CHECKING:
    from chartgen.cli.plan_request import CanarySource
    from chartgen.helm.select import HelmChoice
    from chartgen.planning.budgets import Budgets
    from chartgen.planning.request import CanaryContext, PlanRequest


def run(
    source: CanarySource,
    request: PlanRequest,
    budgets: Budgets,
    *,
    compare: str,
    format_name: str,
    output: Path | None,
    helm: HelmChoice,
) -> int:
    """Run one `plan`; returns the exit code."""
    reporter = FORMATS[format_name]
    warn_unfinished([Path(path) for path in (source.path, compare.removeprefix("chart:")) if path not in {"", "-"}])
    engine = select_engine(helm.program, helm.limits)
    contexts = canary_contexts(engine, source)
    if format_name in ONE_PLAN_FORMATS or compare:
        require_one(contexts, source.label)
    compared = [compared_context(engine, source, compare)] if compare else []
    labels = ["here", compare] if compare else [""] * len(contexts)
    entries = [
        _budgeted_plan(context, request, budgets, label)
        for context, label in zip([*contexts, *compared], labels, strict=True)
    ]
    report = Report(tuple(entries), compared=bool(compare), budgets=bool(budgets))
    write_result(reporter(report), output)
    if output or format_name not in BUDGET_FORMATS:
        for excess in report.exceeded:
            note(f"over budget: {excess.message}")
    return exit_codes.FOUND if report.exceeded else exit_codes.OK


def _budgeted_plan(context: CanaryContext, request: PlanRequest, budgets: Budgets, label: str) -> BudgetedPlan:
    plan = plan_release(context, request)
    if request.settings.week and not request.bootstrap:
        plan = with_release_hours(plan, context, request, budgets)
    return BudgetedPlan(label, plan, exceeded(plan, budgets))
