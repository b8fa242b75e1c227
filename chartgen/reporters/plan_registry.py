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


def _one_plan(format_plan: Callable[[ReleasePlan], str]) -> Callable[[Report], str]:
    """A picture shows one plan, or the compared ones side by side."""
    return lambda report: without_commands(shown(format_plan(report.plans[0])))


# Each format imports what it needs when it is used.
def _text(plan: ReleasePlan) -> str:
    from chartgen.reporters.plan_text import plan_text

    return plan_text(plan)


def _markdown(plan: ReleasePlan) -> str:
    from chartgen.reporters.plan_markdown import plan_markdown

    return plan_markdown(plan)


def _svg(plan: ReleasePlan) -> str:
    from chartgen.reporters.plan_svg import plan_svg

    return plan_svg(plan)


def _html(plan: ReleasePlan) -> str:
    from chartgen.reporters.plan_html import plan_html

    return plan_html(plan)


def _json(report: Report) -> str:
    from chartgen.reporters.plan_json import plan_json

    return plan_json(report)


FORMATS: dict[str, Callable[[Report], str]] = {
    "text": _all_plans(_text, "over budget: {}\n"),
    "json": _json,
    "markdown": _all_plans(_markdown, "- **over budget:** {}\n"),
    "svg": _one_plan(_svg),
    "html": _one_plan(_html),
}
ONE_PLAN_FORMATS = ("svg", "html")
# The formats whose text includes the exceeded budgets.
BUDGET_FORMATS = ("text", "markdown")
