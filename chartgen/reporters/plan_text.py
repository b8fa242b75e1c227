"""A plan for the terminal: a bar per tick, the numbers, the warnings."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from chartgen.planning.amounts import format_clock
from chartgen.reporters.plan_tables import (
    Table,
    characteristic_table,
    detection_notes,
    failed_requests_line,
    flaky_table,
    format_ending,
    heading,
    summary_table,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.planning.release_plan import ReleasePlan, ScenarioResult
    from chartgen.planning.scenario_run import TickView

_BAR_WIDTH = 20
_NARROW_BAR_WIDTH = 10
_USERS, _EMPTY, _NO_USERS = "█", "·", "▒"


def plan_text(plan: ReleasePlan) -> str:
    """The whole plan."""
    flaky = flaky_table(plan)
    failed = failed_requests_line(plan)
    summary = [*_lines(summary_table(plan)), *([f"  {failed}"] if failed else [])]
    blocks = [list(heading(plan)), *_timelines(plan), summary]
    blocks += [list(_lines(flaky))] if flaky else []
    if plan.warnings:
        blocks.append(["warnings:", *(f"  ! {warning}" for warning in plan.warnings)])
    for characteristic in plan.characteristics:
        table = characteristic_table(plan, characteristic)
        details = (f"  {note}" for note in detection_notes(characteristic))
        blocks.append([table.title, *_lines(table), *details])
    if plan.notes:
        blocks.append([f"note: {note}" for note in plan.notes])
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _timelines(plan: ReleasePlan) -> Iterator[list[str]]:
    if len(plan.results) > 1:
        yield list(_side_by_side(plan.results))
    for result in plan.results:
        yield list(_timeline(result))


def _timeline(result: ScenarioResult) -> Iterator[str]:
    run = result.run
    yield f"{run.scenario.text}: {run.scenario.description}"
    yield "  tick   time  phase             primary/canary  " + " " * (_BAR_WIDTH + 2) + "events"
    for tick in run.ticks:
        yield from _tick_lines(tick)
    yield f"  {format_ending(result)}"


def _tick_lines(tick: TickView) -> Iterator[str]:
    first, *others = [event.text for event in tick.events] or ["-"]
    phase = tick.phase or "(new)"
    columns = f"  {tick.tick:4}  {format_clock(tick.second):>5}  {phase:16}  {_weights(tick):>14}"
    yield f"{columns}  {bar(tick, _BAR_WIDTH)}  {first}"
    yield from (f"{' ' * (len(columns) + _BAR_WIDTH + 4)}{text}" for text in others)


def _weights(tick: TickView) -> str:
    weights = f"{tick.primary_weight:g}/{tick.canary_weight:g}"
    return f"{weights} +mirror" if tick.mirrored else weights


def bar(tick: TickView, width: int) -> str:
    """The weight of the new version as a bar, lighter if no users reach it or it only gets mirrored requests."""
    filled = round(tick.canary_weight / 100 * width)
    if tick.mirrored and not filled:
        mirrored = round(tick.measured_share * width)
        return _NO_USERS * mirrored + _EMPTY * (width - mirrored)
    return (_USERS if tick.user_share else _NO_USERS) * filled + _EMPTY * (width - filled)


def _side_by_side(results: tuple[ScenarioResult, ...]) -> Iterator[str]:
    """One row per tick, one column per scenario."""
    names = [result.run.scenario.text for result in results]
    width = max(_NARROW_BAR_WIDTH + 22, *(len(name) + 2 for name in names))
    yield "side by side:"
    yield "  tick  " + "".join(f"{name:{width}}" for name in names).rstrip()
    for number, ticks in enumerate(zip_longest(*(result.run.ticks for result in results))):
        yield f"  {number:4}  " + "".join(f"{_cell(tick):{width}}" for tick in ticks).rstrip()


def _cell(tick: TickView | None) -> str:
    if tick is None:
        return ""
    return f"{bar(tick, _NARROW_BAR_WIDTH)} {tick.canary_weight:3g} {tick.phase}"


def _lines(table: Table) -> Iterator[str]:
    widths = [max(len(row[column]) for row in (table.header, *table.rows)) for column in range(len(table.header))]
    for row in (table.header, *table.rows):
        first, *others = (
            f"{cell:{width}}" if not column else f"{cell:>{width}}"
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield f"  {'  '.join([first, *others])}".rstrip()
