"""A plan as one self-contained HTML file: the picture with values under the pointer, the numbers, every tick."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.escaping import json_line
from chartgen.planning.amounts import format_clock
from chartgen.reporters.picture.figure import NARROW, WIDE, draw_picture
from chartgen.reporters.plan_tables import characteristic_table, flaky_table, summary_table
from chartgen.reporters.plan_theme import css, picture_css
from chartgen.reporters.plan_words import (
    all_notes,
    capitalized,
    events_of,
    exposure_unit,
    failed_requests_lines,
    format_ending,
    heading,
    worst_rollback_lines,
)
from chartgen.resources import template_text

if TYPE_CHECKING:
    from chartgen.planning.release_plan import ReleasePlan, ScenarioResult
    from chartgen.planning.scenario_run import TickView
    from chartgen.reporters.picture.figure import Picture


def plan_html(plans: tuple[ReleasePlan, ...]) -> str:
    """The whole page, with each plan in sequence. It has each picture twice: for wide and for narrow windows."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, keep_trailing_newline=True)
    pictures = [
        {name: draw_picture(plan, width, titled=False) for name, width in (("wide", WIDE), ("narrow", NARROW))}
        for plan in plans
    ]
    pages = [_page(plan, drawn) for plan, drawn in zip(plans, pictures, strict=True)]
    data = [_pointer_data(plan, drawn) for plan, drawn in zip(plans, pictures, strict=True)]
    return environment.from_string(template_text("reporters", "plan.html.j2")).render(
        title="; ".join(page["title"] for page in pages),
        style=css(":root") + picture_css(),
        breakpoint=_BREAKPOINT,
        pages=pages,
        # `<` is escaped so that no event text can close the script element.
        data=json_line(data).replace("<", "\\u003c"),
    )


def _page(plan: ReleasePlan, pictures: dict[str, Picture]) -> dict[str, Any]:
    """What the page shows of one plan."""
    title, *strategies = heading(plan)
    tables = [characteristic_table(plan, each) for each in plan.characteristics]
    return {
        "title": title,
        "strategies": strategies,
        "worst_rollbacks": list(worst_rollback_lines(plan)),
        "pictures": pictures,
        "warnings": plan.warnings,
        "summary": summary_table(plan),
        "unit": exposure_unit(plan),
        "failed_requests": list(failed_requests_lines(plan)),
        "flaky": flaky_table(plan),
        "detection": [{"title": capitalized(plan, table.title), "table": table} for table in tables],
        "runs": [_run(plan, result) for result in plan.results],
        "notes": all_notes(plan),
    }


# Windows up to this width (pixels) get the narrow picture.
_BREAKPOINT = 640


def _run(plan: ReleasePlan, result: ScenarioResult) -> dict[str, Any]:
    one = f"one rollout of many (seed {plan.settings.seed})" if result.flaky else ""
    return {
        "name": result.run.scenario.text,
        "ending": one or format_ending(result),
        "ticks": [_tick(plan, tick) for tick in result.run.ticks],
    }


def _tick(plan: ReleasePlan, tick: TickView) -> dict[str, Any]:
    return {
        "tick": tick.tick,
        "time": format_clock(tick.second),
        "phase": tick.phase or "(new)",
        "weights": f"{tick.primary_weight:g}/{tick.canary_weight:g}{' + mirror' if tick.mirrored else ''}",
        "canary": f"{tick.canary_weight:g}",
        "events": events_of(plan, tick),
    }


def _pointer_data(plan: ReleasePlan, pictures: dict[str, Picture]) -> dict[str, Any]:
    """For the page's script."""
    return {
        "pictures": {
            name: {"box": picture.box, "width": picture.width, "seconds": picture.seconds}
            for name, picture in pictures.items()
        },
        "runs": [{"name": result.run.scenario.text, "ticks": _points(plan, result)} for result in plan.results],
    }


def _points(plan: ReleasePlan, result: ScenarioResult) -> list[dict[str, Any]]:
    """What the pointer shows from each second on: the state of a run, or the spread of a flaky one."""
    if result.flaky:
        return [
            {"second": point.second, "text": f"mean {point.mean:.0f} %, {point.low:g} to {point.high:g} %"}
            for point in result.flaky.course.band
        ]
    return [
        {
            "second": tick.second,
            "text": " · ".join([f"{tick.canary_weight:g} %", tick.phase, *events_of(plan, tick)[-1:]]),
        }
        for tick in result.run.ticks
    ]
