"""Draws the weights of a plan over time, and a row per scenario below them."""

from __future__ import annotations

from textwrap import shorten
from typing import TYPE_CHECKING, Any

from chartgen.planning.amounts import format_clock
from chartgen.planning.scenario_run import Ending
from chartgen.reporters.plan_tables import format_ending
from chartgen.reporters.plan_theme import HATCHES, LINES, SERIES, SURFACE

if TYPE_CHECKING:
    from chartgen.planning.release_plan import ReleasePlan, ScenarioResult
    from chartgen.planning.scenario_run import ScenarioRun

# The scale ends a little to the right of the last tick.
X_MARGIN = 1.02
_ENDLESS = (Ending.STALLED, Ending.CUT)
_MARKERS = {Ending.PROMOTED: "o", Ending.ROLLED_BACK: "X", Ending.INITIALIZED: "o", Ending.NOTHING: "s"}
_ENDLESS_MARKER = ">"
# The characters that fit into the width of a row.
_ROW_CHARACTERS = 126
# Points between the baselines of two labels; the fractions of width and scale within which labels would overlap.
_LEADING, _NEAR_X, _NEAR_Y = 12, 0.22, 0.07


def draw_weights(axes: Any, plan: ReleasePlan, minutes: float) -> float:
    """The step lines with their exposure shaded; returns the upper end of the scale."""
    highest = max((tick.canary_weight for result in plan.results for tick in result.run.ticks), default=0)
    scale = min(112.0, max(20.0, highest * 1.35))
    for index, result in enumerate(plan.results):
        _draw_line(axes, result.run, index, minutes)
    _draw_labels(axes, plan.results, minutes, scale)
    axes.set_xlim(0, minutes * X_MARGIN)
    axes.set_ylim(0, scale)
    axes.set_xlabel("minutes after Flagger detects the release", labelpad=2)
    axes.set_ylabel("weight of the new version")
    axes.yaxis.set_major_formatter("{x:g} %")
    axes.grid(visible=True, axis="both")
    axes.tick_params(length=0)
    return scale


def _steps(run: ScenarioRun, minutes: float) -> tuple[list[float], list[float]]:
    """Minutes and weights; a run that never ends continues to the edge of the picture."""
    x, y = [tick.second / 60 for tick in run.ticks], [tick.canary_weight for tick in run.ticks]
    return ([*x, minutes * X_MARGIN], [*y, y[-1]]) if y and run.ending in _ENDLESS else (x, y)


def _draw_line(axes: Any, run: ScenarioRun, index: int, minutes: float) -> None:
    x, y = _steps(run, minutes)
    color, hatch = SERIES[index % len(SERIES)].placeholder, HATCHES[index % len(HATCHES)]
    exposed = [tick.user_share > 0 for tick in run.ticks]
    shaded = [weight if users else 0 for weight, users in zip(y, [*exposed, *exposed[-1:]], strict=False)]
    axes.fill_between(x, shaded, step="post", color=color, alpha=0.13, linewidth=0)
    if hatch:
        axes.fill_between(
            x, shaded, step="post", facecolor="none", edgecolor=color, hatch=hatch, alpha=0.35, linewidth=0
        )
    line = LINES[index % len(LINES)]
    axes.step(x, y, where="post", color=color, linestyle=line, linewidth=2.2, solid_capstyle="butt")
    if run.ending is Ending.ROLLED_BACK:
        weight = y[-2] if len(y) > 1 else 0
        axes.plot(
            x[-1], weight, marker="X", markersize=10, color=color, markeredgecolor=SURFACE.placeholder, clip_on=False
        )
        label = f"rolled back {format_clock(run.seconds)}"
        early = x[-1] < minutes / 4
        position = {"xytext": (9 if early else -8, 5), "ha": "left" if early else "right"}
        axes.annotate(label, (x[-1], weight), textcoords="offset points", fontsize=8, **position)


def _draw_labels(axes: Any, results: tuple[ScenarioResult, ...], minutes: float, scale: float) -> None:
    """The name of each scenario over the highest step of its line, above labels that are already there.

    A line at weight 0 gets no label; its row below names it.
    """
    placed: list[tuple[float, float]] = []
    for index, result in enumerate(results):
        position = _highest_step(*_steps(result.run, minutes))
        if position is None:
            continue
        x, y = position
        below = sum(abs(x - px) < minutes * _NEAR_X and abs(y - py) < scale * _NEAR_Y for px, py in placed)
        placed.append(position)
        axes.annotate(
            result.run.scenario.text, position, xytext=(0, 4 + _LEADING * below), textcoords="offset points",
            ha="center", va="bottom", fontweight="bold", color=SERIES[index % len(SERIES)].placeholder,
        )  # fmt: skip


def _highest_step(x: list[float], y: list[float]) -> tuple[float, float] | None:
    highest = max(y, default=0)
    if not highest:
        return None
    start = y.index(highest)
    end = next((x[index] for index in range(start, len(y)) if y[index] < highest), x[-1])
    return (x[start] + end) / 2, highest


def draw_rows(axes: Any, plan: ReleasePlan, minutes: float) -> None:
    """One row per scenario: its line, the time of its analysis, its ending and its exposure."""
    for index, result in enumerate(plan.results):
        _draw_row(axes, result, index, minutes)
    axes.set_xlim(0, minutes * X_MARGIN)
    axes.set_ylim(-len(plan.results) + 0.5, 0.5)
    axes.axis("off")


def _draw_row(axes: Any, result: ScenarioResult, index: int, minutes: float) -> None:
    run, y, color = result.run, -index, SERIES[index % len(SERIES)].placeholder
    endless = run.ending in _ENDLESS
    end = minutes * X_MARGIN if endless else run.seconds / 60
    analysis = _analysis_minutes(run)
    if analysis:
        start, last = analysis
        last = end if endless else last
        axes.barh(y - 0.2, last - start, left=start, height=0.3, color=color, alpha=0.3, linewidth=0)
        axes.text((start + last) / 2, y - 0.21, "analysis", ha="center", va="center", fontsize=7)
    axes.plot([0, end], [y - 0.42] * 2, color=color, linestyle=LINES[index % len(LINES)], linewidth=2)
    marker = _MARKERS.get(run.ending, _ENDLESS_MARKER)
    axes.plot(end, y - 0.42, marker=marker, markersize=7, color=color, clip_on=False)
    name = run.scenario.text
    axes.text(0, y + 0.08, name, fontweight="bold", color=color, va="bottom", fontsize=8.5)
    ending = shorten(format_ending(result), max(20, _ROW_CHARACTERS - len(name)), placeholder=" …")
    position = {"xytext": (6.6 * len(name) + 6, 0), "textcoords": "offset points", "annotation_clip": False}
    axes.annotate(ending, (0, y + 0.08), va="bottom", fontsize=8.5, **position)


def _analysis_minutes(run: ScenarioRun) -> tuple[float, float] | None:
    """From the tick that starts the analysis of the new version to the last check."""
    checked = [tick.second / 60 for tick in run.ticks if tick.checked]
    first_traffic = run.first_traffic
    if not checked:
        return None
    return min(checked[0], first_traffic / 60) if first_traffic is not None else checked[0], checked[-1]
