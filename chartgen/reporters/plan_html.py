"""A plan as one self-contained HTML file: the picture with values under the pointer, the numbers, every tick."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.escaping import json_line
from chartgen.planning.amounts import format_clock
from chartgen.reporters.plan_figure import draw_picture
from chartgen.reporters.plan_svg import with_description
from chartgen.reporters.plan_tables import (
    characteristic_table,
    detection_notes,
    failed_requests_line,
    flaky_table,
    format_ending,
    format_worst_rollback,
    heading,
    summary_table,
)
from chartgen.reporters.plan_theme import css, with_variables
from chartgen.resources import template_text

if TYPE_CHECKING:
    from chartgen.planning.release_plan import ReleasePlan, ScenarioResult
    from chartgen.planning.scenario_run import TickView
    from chartgen.reporters.plan_figure import Picture


def plan_html(plan: ReleasePlan) -> str:
    """The whole page."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, keep_trailing_newline=True)
    picture = draw_picture(plan, titled=False)
    title, strategy = heading(plan)
    return environment.from_string(template_text("reporters", "plan.html.j2")).render(
        title=title,
        strategy=strategy,
        worst_rollback=format_worst_rollback(plan),
        style=css(":root"),
        svg=with_description(with_variables(picture.svg), plan, ""),
        warnings=plan.warnings,
        summary=summary_table(plan),
        failed_requests=failed_requests_line(plan),
        flaky=flaky_table(plan),
        detection=[
            {"table": characteristic_table(plan, each), "notes": list(detection_notes(each))}
            for each in plan.characteristics
        ],
        runs=[_run(result) for result in plan.results],
        notes=plan.notes,
        data=_pointer_data(plan, picture),
    )


def _run(result: ScenarioResult) -> dict[str, Any]:
    return {
        "name": result.run.scenario.text,
        "ending": format_ending(result),
        "ticks": [_tick(tick) for tick in result.run.ticks],
    }


def _tick(tick: TickView) -> dict[str, Any]:
    return {
        "tick": tick.tick,
        "time": format_clock(tick.second),
        "phase": tick.phase,
        "weights": f"{tick.primary_weight:g}/{tick.canary_weight:g}{' + mirror' if tick.mirrored else ''}",
        "canary": tick.canary_weight,
        "events": [event.text for event in tick.events],
    }


def _pointer_data(plan: ReleasePlan, picture: Picture) -> str:
    """JSON for the page's script; `<` is escaped so that no event text can close the script element."""
    runs = [
        {
            "name": result.run.scenario.text,
            "ticks": [
                {
                    "minute": tick.second / 60,
                    "canary": tick.canary_weight,
                    "phase": tick.phase,
                    "event": tick.events[-1].text if tick.events else "",
                }
                for tick in result.run.ticks
            ],
        }
        for result in plan.results
    ]
    data = {"box": picture.box, "width": picture.width, "minutes": picture.minutes, "runs": runs}
    return json_line(data).replace("<", "\\u003c")
