"""The weights of a plan over time, and a row a scenario below them."""

from __future__ import annotations

from textwrap import shorten
from typing import TYPE_CHECKING, Any

from chartgen.planning.amounts import told_clock
from chartgen.planning.scenario_run import Ending
from chartgen.reporters.plan_tables import ending_told
from chartgen.reporters.plan_theme import HATCHES, LINES, SERIES, SURFACE

if TYPE_CHECKING:
    from chartgen.planning.release_plan import Played, ReleasePlan
    from chartgen.planning.scenario_run import ScenarioRun

# A little air to the right of the last tick.
ROOM = 1.02
_ENDLESS = (Ending.STALLED, Ending.CUT)
_MARKS = {Ending.PROMOTED: "o", Ending.ROLLED_BACK: "X", Ending.INITIALIZED: "o", Ending.NOTHING: "s"}
_GOES_ON = ">"
# Characters of a row's text that fit the width.
_LONGEST = 126
# Points between the baselines of two labels, and the parts of width and scale within which they would collide.
_LEADING, _NEAR_X, _NEAR_Y = 12, 0.22, 0.07


def draw_weights(axes: Any, plan: ReleasePlan, minutes: float) -> float:
    """The step lines with their exposure shaded; returns the upper end of the scale."""
    highest = max((moment.canary for one in plan.played for moment in one.course.ticks), default=0)
    scale = min(112.0, max(20.0, highest * 1.35))
    for at, one in enumerate(plan.played):
        _line(axes, one, at, minutes)
    _labels(axes, plan.played, minutes, scale)
    axes.set_xlim(0, minutes * ROOM)
    axes.set_ylim(0, scale)
    axes.set_xlabel("minutes after the release is noticed", labelpad=2)
    axes.set_ylabel("weight of the new version")
    axes.yaxis.set_major_formatter("{x:g} %")
    axes.grid(visible=True, axis="both")
    axes.tick_params(length=0)
    return scale


def _steps(course: ScenarioRun, minutes: float) -> tuple[list[float], list[float]]:
    """Minutes and weights; what never ends goes on to the edge of the picture."""
    x, y = [moment.second / 60 for moment in course.ticks], [moment.canary for moment in course.ticks]
    return ([*x, minutes * ROOM], [*y, y[-1]]) if y and course.ending in _ENDLESS else (x, y)


def _line(axes: Any, one: Played, at: int, minutes: float) -> None:
    x, y = _steps(one.course, minutes)
    role, hatch = SERIES[at % len(SERIES)].drawn, HATCHES[at % len(HATCHES)]
    met = [moment.users > 0 for moment in one.course.ticks]
    shown = [weight if users else 0 for weight, users in zip(y, [*met, *met[-1:]], strict=False)]
    axes.fill_between(x, shown, step="post", color=role, alpha=0.13, linewidth=0)
    if hatch:
        axes.fill_between(x, shown, step="post", facecolor="none", edgecolor=role, hatch=hatch, alpha=0.35, linewidth=0)
    axes.step(x, y, where="post", color=role, linestyle=LINES[at % len(LINES)], linewidth=2.2, solid_capstyle="butt")
    if one.course.ending is Ending.ROLLED_BACK:
        before = y[-2] if len(y) > 1 else 0
        axes.plot(x[-1], before, marker="X", markersize=10, color=role, markeredgecolor=SURFACE.drawn, clip_on=False)
        told = f"rolled back {told_clock(one.course.seconds)}"
        early = x[-1] < minutes / 4
        place = {"xytext": (9 if early else -8, 5), "ha": "left" if early else "right"}
        axes.annotate(told, (x[-1], before), textcoords="offset points", fontsize=8, **place)


def _labels(axes: Any, played: tuple[Played, ...], minutes: float, scale: float) -> None:
    """Each scenario's name over its line's highest step, above those that stand there already.

    A line on the ground is told by its row below.
    """
    placed: list[tuple[float, float]] = []
    for at, one in enumerate(played):
        place = _highest_step(*_steps(one.course, minutes))
        if place is None:
            continue
        x, y = place
        below = sum(abs(x - px) < minutes * _NEAR_X and abs(y - py) < scale * _NEAR_Y for px, py in placed)
        placed.append(place)
        axes.annotate(
            one.course.scenario.text, place, xytext=(0, 4 + _LEADING * below), textcoords="offset points",
            ha="center", va="bottom", fontweight="bold", color=SERIES[at % len(SERIES)].drawn,
        )  # fmt: skip


def _highest_step(x: list[float], y: list[float]) -> tuple[float, float] | None:
    top = max(y, default=0)
    if not top:
        return None
    place = y.index(top)
    end = next((x[after] for after in range(place, len(y)) if y[after] < top), x[-1])
    return (x[place] + end) / 2, top


def draw_rows(axes: Any, plan: ReleasePlan, minutes: float) -> None:
    """One row a scenario: its line, the window in which it is analysed, how it ends and what that exposes."""
    for at, one in enumerate(plan.played):
        _row(axes, one, at, minutes)
    axes.set_xlim(0, minutes * ROOM)
    axes.set_ylim(-len(plan.played) + 0.5, 0.5)
    axes.axis("off")


def _row(axes: Any, one: Played, at: int, minutes: float) -> None:
    row, role = -at, SERIES[at % len(SERIES)].drawn
    endless = one.course.ending in _ENDLESS
    end = minutes * ROOM if endless else one.course.seconds / 60
    window = _analysis(one.course)
    if window:
        start, last = window
        last = end if endless else last
        axes.barh(row - 0.2, last - start, left=start, height=0.3, color=role, alpha=0.3, linewidth=0)
        axes.text((start + last) / 2, row - 0.21, "analysis", ha="center", va="center", fontsize=7)
    axes.plot([0, end], [row - 0.42] * 2, color=role, linestyle=LINES[at % len(LINES)], linewidth=2)
    mark = _MARKS.get(one.course.ending, _GOES_ON)
    axes.plot(end, row - 0.42, marker=mark, markersize=7, color=role, clip_on=False)
    scenario = one.course.scenario.text
    axes.text(0, row + 0.08, scenario, fontweight="bold", color=role, va="bottom", fontsize=8.5)
    told = shorten(ending_told(one), max(20, _LONGEST - len(scenario)), placeholder=" …")
    beside = {"xytext": (6.6 * len(scenario) + 6, 0), "textcoords": "offset points", "annotation_clip": False}
    axes.annotate(told, (0, row + 0.08), va="bottom", fontsize=8.5, **beside)


def _analysis(course: ScenarioRun) -> tuple[float, float] | None:
    """From the tick that starts the new version's trial to the last check (minutes)."""
    checked = [moment.second / 60 for moment in course.ticks if moment.checked]
    first = course.first_traffic
    if not checked:
        return None
    return min(checked[0], first / 60) if first is not None else checked[0], checked[-1]
