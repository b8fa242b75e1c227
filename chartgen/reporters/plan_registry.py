"""The formats of `chartgen plan`, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.escaping import shown, without_commands
from chartgen.reporters.plan_html import plan_html
from chartgen.reporters.plan_json import plan_json
from chartgen.reporters.plan_markdown import plan_markdown
from chartgen.reporters.plan_svg import plan_svg
from chartgen.reporters.plan_text import plan_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from chartgen.planning.release_plan import ReleasePlan
    from chartgen.planning.report import Report


def _each(print_plan: Callable[[ReleasePlan], str], over: str) -> Callable[[Report], str]:
    """Plans one after the other, then the budgets exceeded, each as `over` writes it."""

    def printed(report: Report) -> str:
        blocks = [print_plan(plan) for plan in report.plans]
        if report.exceeded:
            blocks.append("".join(over.format(excess.told) for excess in report.exceeded))
        return without_commands(shown("\n".join(blocks)))

    return printed


def _only(draw: Callable[[ReleasePlan], str]) -> Callable[[Report], str]:
    """A picture has room for one plan, or for the compared ones side by side."""
    return lambda report: shown(draw(report.plans[0]))


FORMATS: dict[str, Callable[[Report], str]] = {
    "text": _each(plan_text, "over budget: {}\n"),
    "json": plan_json,
    "markdown": _each(plan_markdown, "- **over budget:** {}\n"),
    "svg": _only(plan_svg),
    "html": _only(plan_html),
}
ONE_PICTURE = ("svg", "html")
# Formats in which a reader finds the budgets that are exceeded.
TELLS_BUDGETS = ("text", "markdown")
