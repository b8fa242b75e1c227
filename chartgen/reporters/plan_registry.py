"""The formats of `chartgen plan`, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.escaping import shown, without_commands

if TYPE_CHECKING:
    from collections.abc import Callable

    from chartgen.planning.release_plan import ReleasePlan
    from chartgen.planning.report import Report


def _all_plans(format_plan: Callable[[ReleasePlan], str], budget_line: str) -> Callable[[Report], str]:
    """All plans, then the exceeded budgets, each as a `budget_line`."""

    def reporter(report: Report) -> str:
        blocks = [format_plan(plan) for plan in report.plans]
        if report.exceeded:
            blocks.append("".join(budget_line.format(excess.message) for excess in report.exceeded))
        return without_commands(shown("\n".join(blocks)))

    return reporter


def _one_document(report: Report, format_plans: Callable[[tuple[ReleasePlan, ...]], str]) -> str:
    """All plans in one document."""
    return without_commands(shown(format_plans(report.plans)))


# Each format imports what it needs when it is used.
def _text(plan: ReleasePlan) -> str:
    from chartgen.reporters.plan_text import plan_text

    return plan_text(plan)


def _markdown(plan: ReleasePlan) -> str:
    from chartgen.reporters.plan_markdown import plan_markdown

    return plan_markdown(plan)


def _svg(report: Report) -> str:
    from chartgen.reporters.plan_svg import plan_svg

    return _one_document(report, lambda plans: plan_svg(plans[0]))


def _html(report: Report) -> str:
    from chartgen.reporters.plan_html import plan_html

    return _one_document(report, plan_html)


def _json(report: Report) -> str:
    from chartgen.reporters.plan_json import plan_json

    return plan_json(report)


FORMATS: dict[str, Callable[[Report], str]] = {
    "text": _all_plans(_text, "over budget: {}\n"),
    "json": _json,
    "markdown": _all_plans(_markdown, "- **over budget:** {}\n"),
    "svg": _svg,
    "html": _html,
}
# A picture shows one plan, or the compared ones side by side.
ONE_PLAN_FORMATS = ("svg",)
# The formats whose text includes the exceeded budgets.
BUDGET_FORMATS = ("text", "markdown")
