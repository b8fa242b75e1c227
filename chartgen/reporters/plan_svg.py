"""A plan as one SVG that follows the reader's light or dark scheme."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from chartgen.reporters.plan_figure import picture
from chartgen.reporters.plan_tables import ending_told
from chartgen.reporters.plan_theme import css, with_variables

if TYPE_CHECKING:
    from chartgen.planning.release_plan import ReleasePlan


def plan_svg(plan: ReleasePlan) -> str:
    """The picture, with its own style and words for those who cannot see it."""
    return described(with_variables(picture(plan).svg), plan, css("svg"))


def described(svg: str, plan: ReleasePlan, style: str) -> str:
    """The drawing with a style, a title and a description put in."""
    start = svg.index(">", svg.index("<svg")) + 1
    told = "; ".join(f"{one.course.scenario.text}: {ending_told(one)}" for one in plan.played)
    words = f"<title>{escape(plan.subject.name)} under Flagger</title><desc>{escape(told)}</desc>"
    head = svg[:start].replace("<svg", '<svg role="img"', 1)
    return f"{head}{words}<style>{style}text{{font-family:system-ui,sans-serif}}</style>{svg[start:]}"
