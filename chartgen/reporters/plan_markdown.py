"""A plan as Markdown, for a pull request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.planning.amounts import format_clock
from chartgen.reporters.plan_tables import (
    Table,
    characteristic_table,
    flaky_table,
    summary_table,
)
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

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chartgen.planning.release_plan import ReleasePlan, ScenarioResult

# The characters that Markdown would interpret inside a table cell.
_SPECIAL = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_[]<>|"})


def plan_markdown(plan: ReleasePlan) -> str:
    """The whole plan."""
    title, *strategies = heading(plan)
    blocks = [
        f"## {escaped(title)}",
        *(f"{escaped(each)}." for each in (*strategies, *worst_rollback_lines(plan))),
        _table(summary_table(plan)),
        f"{escaped(exposure_unit(plan))}.",
    ]
    blocks += [f"{escaped(capitalized(plan, failed))}." for failed in failed_requests_lines(plan)]
    flaky = flaky_table(plan)
    blocks += [_table(flaky)] if flaky else []
    if plan.warnings:
        blocks.append(f"### Warnings\n\n{_bullets(plan.warnings)}")
    for characteristic in plan.characteristics:
        table = characteristic_table(plan, characteristic)
        blocks += [f"### {escaped(capitalized(plan, table.title))}", _table(table)]
    blocks += [_timeline(plan, result) for result in plan.results]
    if notes := all_notes(plan):
        blocks.append(f"### Notes\n\n{_bullets(notes)}")
    return "\n\n".join(blocks) + "\n"


def escaped(text: str) -> str:
    """The text on one line, with Markdown's special characters escaped."""
    return " ".join(text.translate(_SPECIAL).split())


def _bullets(texts: Iterable[str]) -> str:
    return "\n".join(f"- {escaped(text)}" for text in texts)


def _timeline(plan: ReleasePlan, result: ScenarioResult) -> str:
    rows = tuple(
        (
            str(tick.tick),
            format_clock(tick.second),
            tick.phase,
            f"{tick.primary_weight:g}/{tick.canary_weight:g}",
            "; ".join(events_of(plan, tick)),
        )
        for tick in result.run.ticks
    )
    header = ("tick", "time", "phase", "primary/canary", "events")
    name = result.run.scenario.text
    ending = f"one rollout (seed {plan.settings.seed})" if result.flaky else format_ending(result)
    summary = f"<summary><b>{escaped(name)}</b>: {escaped(ending)}</summary>"
    return f"<details>\n{summary}\n\n{_table(Table(name, header, rows), numbers=False)}\n\n</details>"


def _table(table: Table, *, numbers: bool = True) -> str:
    return "\n".join(_lines(table, numbers=numbers))


def _lines(table: Table, *, numbers: bool) -> Iterator[str]:
    alignment = "---:" if numbers else "---"
    yield f"| {' | '.join(map(escaped, table.header))} |"
    yield f"|{'|'.join([' --- ', *(f' {alignment} ' for _ in table.header[1:])])}|"
    for row in table.rows:
        yield f"| {' | '.join(map(escaped, row))} |"
