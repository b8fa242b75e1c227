"""The run behind `chartgen plan`: read, plan, judge, print."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from chartgen.cli import exit_codes
from chartgen.cli.output import note, write_result
from chartgen.cli.plan_stages import compared_stage, stages
from chartgen.cli.unfinished import warn_unfinished
from chartgen.errors import UsageError
from chartgen.helm.select import select_engine
from chartgen.planning.budgets import exceeded
from chartgen.planning.planner import plan_release
from chartgen.planning.report import BudgetedPlan, Report
from chartgen.reporters.plan_registry import FORMATS, ONE_PICTURE, TELLS_BUDGETS

if TYPE_CHECKING:
    from chartgen.cli.plan_request import CanarySource
    from chartgen.helm.select import HelmChoice
    from chartgen.planning.budgets import Budgets
    from chartgen.planning.request import PlanRequest, Stage


def run(
    place: CanarySource,
    request: PlanRequest,
    budgets: Budgets,
    *,
    compare: str,
    form: str,
    output: Path | None,
    helm: HelmChoice,
) -> int:
    """Carry out one `plan`; returns the exit code."""
    reporter = FORMATS[form]
    warn_unfinished([Path(path) for path in (place.path, compare.removeprefix("chart:")) if path not in {"", "-"}])
    engine = select_engine(helm.program, helm.limits)
    found = stages(engine, place)
    if len(found) > 1 and (form in ONE_PICTURE or compare):
        names = ", ".join(stage.name for stage in found)
        raise UsageError(
            f"{place.path}: there are {len(found)} Canaries: {names}", hint="choose one with --canary NAME"
        )
    beside = [compared_stage(engine, place, compare)] if compare else []
    labels = ["here", compare] if compare else [""] * len(found)
    judged = [_judged(one, request, budgets, label) for one, label in zip([*found, *beside], labels, strict=True)]
    report = Report(tuple(judged), compared=bool(compare), budgets=bool(budgets))
    write_result(reporter(report), output)
    if output or form not in TELLS_BUDGETS:
        for excess in report.exceeded:
            note(f"over budget: {excess.told}")
    return exit_codes.FOUND if report.exceeded else exit_codes.OK


def _judged(stage: Stage, request: PlanRequest, budgets: Budgets, label: str) -> BudgetedPlan:
    plan = plan_release(stage, request)
    return BudgetedPlan(label, plan, exceeded(plan, budgets))
