"""A plan for the terminal, at most 100 columns wide: the numbers, the warnings, then a bar per tick."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.planning.amounts import format_clock
from chartgen.reporters.picture.groups import groups_of
from chartgen.reporters.plan_tables import characteristic_table, flaky_table, summary_table
from chartgen.reporters.plan_words import (
    all_notes,
    events_of,
    exposure_unit,
    failed_requests_lines,
    format_ending,
    heading,
)
from chartgen.reporters.text_table import WIDTH, paragraph, table_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.planning.release_plan import ReleasePlan, ScenarioResult
    from chartgen.planning.scenario_run import TickView

_BAR_WIDTH = 10
_USERS, _EMPTY, _NO_USERS = "█", "·", "▒"
_NOTES = 5


def plan_text(plan: ReleasePlan) -> str:
    """The whole plan."""
    title, *strategies = heading(plan)
    blocks = [[*paragraph(title), *(line for each in strategies for line in paragraph(each, "", "  "))]]
    blocks.append(list(_numbers(plan)))
    if plan.warnings:
        blocks.append(["warnings:", *(line for each in plan.warnings for line in paragraph(each, "  ! "))])
    for characteristic in plan.characteristics:
        table = characteristic_table(plan, characteristic)
        blocks.append([*paragraph(table.title), *table_lines(table)])
    if len(plan.results) > 1:
        blocks += _side_by_side([result for group in groups_of(plan) for result in group.results])
    blocks += [list(_timeline(plan, result)) for result in plan.results]
    notes = list(_notes(plan))
    blocks += [["notes:", *notes]] if notes else []
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _numbers(plan: ReleasePlan) -> Iterator[str]:
    yield from table_lines(summary_table(plan))
    yield f"  {exposure_unit(plan)}"
    for failed in failed_requests_lines(plan):
        yield from paragraph(failed, "  ")
    if flaky := flaky_table(plan):
        yield ""
        yield from table_lines(flaky)


def _notes(plan: ReleasePlan) -> Iterator[str]:
    """At most five lines of whole notes; `--format markdown` has all."""
    notes = [paragraph(note, "  ", "    ") for note in all_notes(plan)]
    left = _NOTES if sum(map(len, notes)) <= _NOTES else _NOTES - 1
    hidden = 0
    for lines in notes:
        if len(lines) > left:
            hidden += 1
            continue
        left -= len(lines)
        yield from lines
    if hidden:
        yield f"  {hidden} more {'note' if hidden == 1 else 'notes'}: --format markdown"


def _timeline(plan: ReleasePlan, result: ScenarioResult) -> Iterator[str]:
    run = result.run
    one = f", one rollout (seed {plan.settings.seed})" if result.flaky else ""
    yield from paragraph(f"{run.scenario.text}: {run.scenario.description}{one}")
    rows = [(format_clock(tick.second), tick.phase or "(new)", _weights(tick)) for tick in run.ticks]
    time, phase, weights = (max(map(len, column)) for column in zip(("time", "phase", "weights"), *rows, strict=True))
    yield f"  tick  {'time':>{time}}  {'phase':{phase}}  {'weights':>{weights}}  {'':{_BAR_WIDTH}}  events"
    for tick, row in zip(run.ticks, rows, strict=True):
        start = f"  {tick.tick:4}  {row[0]:>{time}}  {row[1]:{phase}}  {row[2]:>{weights}}  {bar(tick, _BAR_WIDTH)}  "
        first, *others = events_of(plan, tick) or ["-"]
        yield from paragraph(first, start)
        yield from (line for event in others for line in paragraph(event, " " * len(start)))
    yield from paragraph(format_ending(result), "  ")


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


def _side_by_side(results: list[ScenarioResult]) -> Iterator[list[str]]:
    """One row per time at which a run changes, one column per scenario; in several blocks if they need them."""
    columns = [(result.run.scenario.text, _cells(result)) for result in results]
    widths = [min(40, max(len(name), *(len(cell) for cell in cells.values()))) + 2 for name, cells in columns]
    block: list[int] = []
    for index, width in enumerate(widths):
        if block and 11 + sum(widths[each] for each in block) + width > WIDTH:
            yield list(_block(columns, widths, block))
            block = []
        block.append(index)
    yield list(_block(columns, widths, block))


def _block(columns: list[tuple[str, dict[float, str]]], widths: list[int], block: list[int]) -> Iterator[str]:
    yield "side by side:"
    names = [one_cell(columns[index][0], widths[index]) for index in block]
    yield f"     time  {''.join(names)}".rstrip()
    for second in sorted({second for index in block for second in columns[index][1]}):
        cells = "".join(one_cell(columns[index][1].get(second, ""), widths[index]) for index in block)
        yield f"  {format_clock(second):>7}  {cells}".rstrip()


def one_cell(text: str, width: int) -> str:
    """The text, cut or filled to `width` columns, two of which stay empty."""
    room = width - 2
    return f"{text if len(text) <= room else text[: room - 1] + '…':{width}}"


def _cells(result: ScenarioResult) -> dict[float, str]:
    """The state at each second; of a flaky scenario, the mean and the 5th and 95th percentile."""
    if result.flaky:
        return {
            point.second: f"{_filled(point.mean)} mean {point.mean:.0f} ({point.low:g} to {point.high:g})"
            for point in result.flaky.course.band
        }
    return {
        tick.second: f"{bar(tick, _BAR_WIDTH)} {tick.canary_weight:3g} {tick.phase or '(new)'}"
        for tick in result.run.ticks
    }


def _filled(percent: float) -> str:
    filled = round(percent / 100 * _BAR_WIDTH)
    return _USERS * filled + _EMPTY * (_BAR_WIDTH - filled)
