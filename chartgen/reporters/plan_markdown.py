"""A plan as Markdown, for a pull request."""

from __future__ import annotations

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
    worst_told,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.planning.release_plan import Played, ReleasePlan

# What Markdown would read as its own inside a table's cell.
_SPECIAL = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_[]<>|"})


def plan_markdown(plan: ReleasePlan) -> str:
    """The whole plan."""
    title, how = heading(plan)
    blocks = [f"## {escaped(title)}", f"{escaped(how)}; {worst_told(plan)}.", _table(figures_table(plan))]
    chance = chance_table(plan)
    blocks += [_table(chance)] if chance else []
    if plan.warnings:
        blocks.append("### Worth knowing\n\n" + "\n".join(f"- {escaped(one)}" for one in plan.warnings))
    for found in plan.characteristics:
        table = characteristic_table(plan, found)
        told = "\n".join(f"- {escaped(note)}" for note in detection_notes(plan, found))
        blocks += [f"### {_capital(table.title)}", _table(table), told]
    blocks += [_timeline(one) for one in plan.played]
    if plan.notes:
        blocks.append("\n".join(f"- {escaped(note)}" for note in plan.notes))
    return "\n\n".join(blocks) + "\n"


def escaped(text: str) -> str:
    """Text that Markdown shows as it is, on one line."""
    return " ".join(text.translate(_SPECIAL).split())


def _capital(text: str) -> str:
    return escaped(text[:1].upper() + text[1:])


def _timeline(one: Played) -> str:
    rows = tuple(
        (str(m.tick), told_clock(m.second), m.phase, f"{m.primary:g}/{m.canary:g}", "; ".join(e.text for e in m.events))
        for m in one.course.ticks
    )
    header = ("tick", "time", "phase", "primary/canary", "events")
    scenario = one.course.scenario
    about = f"<summary><b>{escaped(scenario.text)}</b>: {escaped(ending_told(one))}</summary>"
    return f"<details>\n{about}\n\n{_table(Table(scenario.text, header, rows), numbers=False)}\n\n</details>"


def _table(table: Table, *, numbers: bool = True) -> str:
    return "\n".join(_lines(table, numbers=numbers))


def _lines(table: Table, *, numbers: bool) -> Iterator[str]:
    rest = "---:" if numbers else "---"
    yield f"| {' | '.join(map(escaped, table.header))} |"
    yield f"|{'|'.join([' --- ', *(f' {rest} ' for _ in table.header[1:])])}|"
    for row in table.rows:
        yield f"| {' | '.join(map(escaped, row))} |"
