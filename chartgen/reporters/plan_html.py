"""A plan as one self-contained HTML file: the picture with hover values, the numbers, every tick."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from chartgen.planning.amounts import told_clock
from chartgen.reporters.plan_figure import picture
from chartgen.reporters.plan_svg import described
from chartgen.reporters.plan_tables import (
    chance_table,
    characteristic_table,
    detection_notes,
    ending_told,
    figures_table,
    heading,
    worst_told,
)
from chartgen.reporters.plan_theme import css, with_variables
from chartgen.resources import template_text

if TYPE_CHECKING:
    from chartgen.planning.release_plan import Played, ReleasePlan
    from chartgen.planning.scenario_run import TickView
    from chartgen.reporters.plan_figure import Picture


def plan_html(plan: ReleasePlan) -> str:
    """The whole page."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, keep_trailing_newline=True)
    drawn = picture(plan, titled=False)
    title, how = heading(plan)
    return environment.from_string(template_text("reporters", "plan.html.j2")).render(
        title=title,
        how=how,
        worst=worst_told(plan),
        style=css(":root"),
        svg=described(with_variables(drawn.svg), plan, ""),
        warnings=plan.warnings,
        figures=figures_table(plan),
        chance=chance_table(plan),
        detection=[
            {"table": characteristic_table(plan, found), "notes": list(detection_notes(plan, found))}
            for found in plan.characteristics
        ],
        courses=[_course(one) for one in plan.played],
        notes=plan.notes,
        data=_hover(plan, drawn),
    )


def _course(one: Played) -> dict[str, Any]:
    return {
        "name": one.course.scenario.text,
        "ending": ending_told(one),
        "ticks": [_tick(moment) for moment in one.course.ticks],
    }


def _tick(moment: TickView) -> dict[str, Any]:
    return {
        "tick": moment.tick,
        "time": told_clock(moment.second),
        "phase": moment.phase,
        "weights": f"{moment.primary:g}/{moment.canary:g}{' + mirror' if moment.mirrored else ''}",
        "canary": moment.canary,
        "events": [event.text for event in moment.events],
    }


def _hover(plan: ReleasePlan, drawn: Picture) -> str:
    """What the page's script reads; `<` is written so that no text of an event can end the script element."""
    courses = [
        {
            "name": one.course.scenario.text,
            "ticks": [
                {
                    "minute": moment.second / 60,
                    "canary": moment.canary,
                    "phase": moment.phase,
                    "event": moment.events[-1].text if moment.events else "",
                }
                for moment in one.course.ticks
            ],
        }
        for one in plan.played
    ]
    data = {"box": drawn.box, "width": drawn.width, "minutes": drawn.minutes, "courses": courses}
    return json.dumps(data).replace("<", "\\u003c")
