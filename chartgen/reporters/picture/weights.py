"""Draws the weights of one or more runs over time: one filled area, further runs as lines."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chartgen.planning.amounts import format_clock
from chartgen.planning.scenario_run import Ending
from chartgen.reporters.picture.canvas import number
from chartgen.reporters.picture.labels import ROW, Label, place_labels, rows_of
from chartgen.reporters.picture.timeline import ENDLESS, Step, failed_checks, marks, steps
from chartgen.reporters.plan_theme import series

if TYPE_CHECKING:
    from chartgen.planning.release_plan import ScenarioResult
    from chartgen.planning.strategy import WeightLimit
    from chartgen.reporters.picture.canvas import Canvas
    from chartgen.reporters.picture.labels import PlacedLabel
    from chartgen.reporters.picture.scale import Scale

_CIRCLE = 8.0
# The characters of a run's name in the label of a mark, for each pixel of the plot.
_NAME = 0.04


@dataclass(frozen=True, slots=True)
class Plot:
    """A plot of runs on a canvas. `names` label the runs if there are several."""

    canvas: Canvas
    scale: Scale
    results: tuple[ScenarioResult, ...]
    names: tuple[str, ...]
    limit: WeightLimit | None


def placed_labels(results: tuple[ScenarioResult, ...], names: tuple[str, ...], scale: Scale) -> list[PlacedLabel]:
    """The labels over the plot, in their rows. Flaky runs have none: each ends at its own time."""
    labels = []
    for index, (result, name) in enumerate(zip(results, names, strict=True)):
        endless = result.run.ending in ENDLESS
        for mark in marks(result.run) if not result.flaky else ():
            text = mark.text
            if index or (mark.ending and len(results) > 1):
                text = f"{_short(name, int((scale.right - scale.left) * _NAME))}: {text[:1].lower()}{text[1:]}"
            if mark.ending and not endless:
                text = f"{text} {format_clock(mark.second)}"
            x = scale.right if mark.ending and endless else scale.x(mark.second)
            labels.append(Label(x, text, "bold" if mark.ending else ""))
    return place_labels(labels, scale.left, scale.right)


def _short(name: str, limit: int) -> str:
    return name if len(name) <= limit else f"{name[: limit // 2]}…{name[-(limit // 2) :]}"


def draw_plot(plot: Plot) -> None:
    """The area, the lines, their labels and marks."""
    _draw_grid(plot)
    if plot.results[0].flaky:
        _draw_band(plot, plot.results[0], 0)
    else:
        _draw_area(plot)
    labels = placed_labels(plot.results, plot.names, plot.scale)
    for label in labels:
        _draw_leader(plot, label)
    for index, result in enumerate(plot.results):
        if not result.flaky:
            _draw_line(plot, result, index)
    _draw_limit(plot)
    for index, result in enumerate(plot.results):
        if not result.flaky:
            _draw_checks(plot, result, index)
            _draw_ending(plot, result, index)
    for label in labels:
        _draw_label(plot, label)


def _draw_grid(plot: Plot) -> None:
    scale = plot.scale
    for percent in (0, 50, 100):
        y = scale.y(percent)
        plot.canvas.line(scale.left, y, scale.right, y, "grid")
        plot.canvas.text(scale.left - 6, y + 4, f"{percent} %", "muted", anchor="end")


def _draw_limit(plot: Plot) -> None:
    """The weight at which Flagger promotes; its label is over the left end, where a release begins low."""
    limit = plot.limit
    if limit is None:
        return
    scale, y = plot.scale, plot.scale.y(min(100.0, limit.weight))
    plot.canvas.line(scale.left, y, scale.right, y, "limit")
    plot.canvas.text(scale.left + 5, y - 5, f"{limit.field} {limit.weight:g} %", "muted halo")


def path_of(found: list[Step], end: float, scale: Scale) -> str:
    """A step line to `end` (seconds), as a path."""
    if not found:
        return ""
    parts = [f"M{number(scale.x(found[0].second))} {number(scale.y(found[0].weight))}"]
    parts += [f"H{number(scale.x(step.second))}V{number(scale.y(step.weight))}" for step in found[1:]]
    return "".join([*parts, f"H{number(scale.x(end))}"])


def _area_of(found: list[Step], end: float, scale: Scale) -> str:
    base = number(scale.y(0))
    return f"{path_of(found, end, scale)}V{base}H{number(scale.x(found[0].second))}Z"


def _end(result: ScenarioResult, scale: Scale) -> float:
    return scale.seconds if result.run.ending in ENDLESS else result.run.seconds


def _draw_area(plot: Plot) -> None:
    result, scale = plot.results[0], plot.scale
    end = _end(result, scale)
    users = steps(result.run, "users")
    if any(step.weight for step in users):
        plot.canvas.path(_area_of(users, end, scale), f"area {series(0)}")
    unseen = steps(result.run, "unseen")
    if any(step.weight for step in unseen):
        plot.canvas.path(_area_of(unseen, end, scale), f"faint {series(0)}")
        plot.canvas.path(path_of(unseen, end, scale), f"shadow {series(0)}")


def _draw_line(plot: Plot, result: ScenarioResult, index: int) -> None:
    found = steps(result.run)
    if found:
        plot.canvas.path(path_of(found, _end(result, plot.scale), plot.scale), f"line {series(index)}")


def _draw_band(plot: Plot, result: ScenarioResult, index: int) -> None:
    assert result.flaky
    course, scale = result.flaky.course, plot.scale
    high = [Step(point.second, point.high) for point in course.band]
    low = [Step(point.second, point.low) for point in course.band]
    mean = [Step(point.second, point.mean) for point in course.band]
    upper = path_of(high, course.seconds, scale)
    back = [f"L{number(scale.x(course.seconds))} {number(scale.y(low[-1].weight))}"]
    for following, step in zip([*low[1:], None][::-1], low[::-1], strict=True):
        weight = number(scale.y(step.weight))
        back.append(f"V{weight}H{number(scale.x(step.second))}" if following else f"H{number(scale.x(step.second))}")
    plot.canvas.path(f"{upper}{''.join(back)}Z", f"area {series(index)}")
    plot.canvas.path(path_of(mean, course.seconds, scale), f"line {series(index)}")


def _draw_checks(plot: Plot, result: ScenarioResult, index: int) -> None:
    """A numbered circle for each failed check; where they would overlap, only some of them."""
    checks, scale = failed_checks(result.run), plot.scale
    last = math.inf
    for check in checks[::-1]:
        x, y = scale.x(check.second), scale.y(check.weight)
        if last - x < 2 * _CIRCLE + 5:
            continue
        last = x
        draw_count(plot.canvas, x, y, str(check.count), index)


def draw_count(canvas: Canvas, x: float, y: float, text: str, index: int) -> None:
    """A circle with a number."""
    canvas.circle(x, y, _CIRCLE, series(index))
    canvas.text(x, y + 4, text, "count tiny", anchor="middle")


def _draw_ending(plot: Plot, result: ScenarioResult, index: int) -> None:
    run, scale = result.run, plot.scale
    if not run.ticks:
        return
    x, last = scale.x(_end(result, scale)), run.ticks[-1].canary_weight
    y = scale.y(last)
    if run.ending is Ending.ROLLED_BACK:
        before = run.ticks[-2].canary_weight if len(run.ticks) > 1 else 0.0
        y = scale.y(before)
        plot.canvas.path(f"M{number(x - 5)} {number(y - 5)}l10 10m0-10l-10 10", f"cross {series(index)}")
    elif run.ending in ENDLESS:
        plot.canvas.path(f"M{number(x)} {number(y - 6)}l9 6l-9 6z", series(index))
    else:
        plot.canvas.circle(x, y, 5, series(index))


def _draw_leader(plot: Plot, placed: PlacedLabel) -> None:
    scale = plot.scale
    top = scale.top - 8 - placed.row * ROW
    plot.canvas.line(placed.label.x, top, placed.label.x, scale.bottom, "pointer thin")


def _draw_label(plot: Plot, placed: PlacedLabel) -> None:
    y = plot.scale.top - 10 - placed.row * ROW
    ends = placed.right <= placed.label.x + 4
    x, anchor = (placed.right, "end") if ends else (placed.left, "start")
    plot.canvas.text(x, y, placed.label.text, f"small halo {placed.label.classes}".strip(), anchor=anchor)


def label_height(placed: list[PlacedLabel]) -> float:
    """The height above a plot that its labels take."""
    return rows_of(placed) * ROW + 8
