"""A plan for the terminal: a bar per tick, the numbers, what warnings."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from chartgen.planning.amounts import told_clock
from chartgen.reporters.plan_tables import (
    Table,
    chance_table,
    characteristic_table,
    detection_notes,
    ending_told,
    figures_table,
    heading,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.planning.release_plan import Played, ReleasePlan
    from chartgen.planning.scenario_run import TickView

_BAR = 20
_NARROW_BAR = 10
_FULL, _EMPTY, _HELD = "█", "·", "▒"


def plan_text(plan: ReleasePlan) -> str:
    """The whole plan."""
    chance = chance_table(plan)
    blocks = [list(heading(plan)), *_timelines(plan), list(_rows(figures_table(plan)))]
    blocks += [list(_rows(chance))] if chance else []
    if plan.warnings:
        blocks.append(["worth knowing:", *(f"  ! {one}" for one in plan.warnings)])
    for found in plan.characteristics:
        table = characteristic_table(plan, found)
        blocks.append([table.title, *_rows(table), *(f"  {note}" for note in detection_notes(plan, found))])
    if plan.notes:
        blocks.append([f"note: {note}" for note in plan.notes])
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _timelines(plan: ReleasePlan) -> Iterator[list[str]]:
    if len(plan.played) > 1:
        yield list(_side_by_side(plan.played))
    for one in plan.played:
        yield list(_timeline(one))


def _timeline(one: Played) -> Iterator[str]:
    course = one.course
    yield f"{course.scenario.text}: {course.scenario.told}"
    yield "  tick   time  phase             primary/canary  " + " " * (_BAR + 2) + "what Flagger says"
    for moment in course.ticks:
        yield from _ticked(moment)
    yield f"  {ending_told(one)}"


def _ticked(moment: TickView) -> Iterator[str]:
    first, *rest = [event.text for event in moment.events] or ["-"]
    phase = moment.phase or "(new)"
    lead = f"  {moment.tick:4}  {told_clock(moment.second):>5}  {phase:16}  {_weights(moment):>14}"
    yield f"{lead}  {bar(moment, _BAR)}  {first}"
    yield from (f"{' ' * (len(lead) + _BAR + 4)}{text}" for text in rest)


def _weights(moment: TickView) -> str:
    told = f"{moment.primary:g}/{moment.canary:g}"
    return f"{told} +mirror" if moment.mirrored else told


def bar(moment: TickView, width: int) -> str:
    """The new version's weight as a bar; lighter where it answers no user of that weight, or only mirrored requests."""
    filled = round(moment.canary / 100 * width)
    if moment.mirrored and not filled:
        return _HELD * round(moment.heard * width) + _EMPTY * (width - round(moment.heard * width))
    return (_FULL if moment.users else _HELD) * filled + _EMPTY * (width - filled)


def _side_by_side(played: tuple[Played, ...]) -> Iterator[str]:
    """One row a tick, one column a scenario."""
    width = max(_NARROW_BAR + 22, *(len(one.course.scenario.text) + 2 for one in played))
    yield "side by side:"
    yield "  tick  " + "".join(f"{one.course.scenario.text:{width}}" for one in played).rstrip()
    for tick, row in enumerate(zip_longest(*(one.course.ticks for one in played))):
        yield f"  {tick:4}  " + "".join(f"{_cell(moment):{width}}" for moment in row).rstrip()


def _cell(moment: TickView | None) -> str:
    if moment is None:
        return ""
    return f"{bar(moment, _NARROW_BAR)} {moment.canary:3g} {moment.phase}"


def _rows(table: Table) -> Iterator[str]:
    widths = [max(len(row[at]) for row in (table.header, *table.rows)) for at in range(len(table.header))]
    for row in (table.header, *table.rows):
        first, *others = (
            f"{cell:{width}}" if not at else f"{cell:>{width}}"
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        yield f"  {'  '.join([first, *others])}".rstrip()
