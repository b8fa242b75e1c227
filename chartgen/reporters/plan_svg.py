"""A plan as one SVG that follows the reader's light or dark scheme."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from chartgen.reporters.plan_figure import draw_picture
from chartgen.reporters.plan_tables import format_ending
from chartgen.reporters.plan_theme import css, with_variables

if TYPE_CHECKING:
    from chartgen.planning.release_plan import ReleasePlan


def plan_svg(plan: ReleasePlan) -> str:
    """The picture with its own style, and a description for readers who can't see it."""
    return with_description(with_variables(draw_picture(plan).svg), plan, css("svg"))


def with_description(svg: str, plan: ReleasePlan, style: str) -> str:
    """The drawing with a style, a title and a description."""
    start = svg.index(">", svg.index("<svg")) + 1
    endings = "; ".join(f"{result.run.scenario.text}: {format_ending(result)}" for result in plan.results)
    description = f"<title>Release of {escape(plan.subject.name)} with Flagger</title><desc>{escape(endings)}</desc>"
    head = svg[:start].replace("<svg", '<svg role="img"', 1)
    return f"{head}{description}<style>{style}text{{font-family:system-ui,sans-serif}}</style>{svg[start:]}"
