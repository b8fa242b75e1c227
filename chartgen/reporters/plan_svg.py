"""A plan as one SVG that follows the reader's light or dark scheme."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.reporters.picture.figure import draw_picture

if TYPE_CHECKING:
    from chartgen.planning.release_plan import ReleasePlan


def plan_svg(plan: ReleasePlan) -> str:
    """The picture with its own style."""
    return draw_picture(plan).svg + "\n"
