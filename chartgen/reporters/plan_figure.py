"""The picture of a plan, drawn with matplotlib: weights over time, and what the canary can see."""

from __future__ import annotations

import io
from dataclasses import dataclass
from itertools import accumulate
from textwrap import shorten
from typing import TYPE_CHECKING, Any

from chartgen.errors import UsageError
from chartgen.flagger.planning.amounts import told_clock, told_share
from chartgen.flagger.planning.course import Ending
from chartgen.reporters.plan_tables import ending_told
from chartgen.reporters.plan_theme import GRID, HATCHES, INK, LINES, MUTED, SERIES, SURFACE

if TYPE_CHECKING:
    from chartgen.flagger.planning.course import Course
    from chartgen.flagger.planning.detection.characteristic import Characteristic
    from chartgen.flagger.planning.release_plan import Played, ReleasePlan

# Inches: the width, each plot's height, the room of a scale below a plot, of the titles, of the lower edge.
_WIDTH, _MAIN, _ROW, _SIGHT = 9.6, 3.1, 0.42, 2.5
_SCALE, _TITLES, _FOOT = 0.52, 0.78, 0.12


_MARKS = {
    Ending.PROMOTED: "o",
    Ending.ROLLED_BACK: "X",
    Ending.INITIALIZED: "o",
    Ending.STALLED: ">",
    Ending.CUT: ">",
    Ending.NOTHING: ">",
}
# Characters of a row's text that fit the width.
_LONGEST = 112
# A little air to the right of the last tick.
_ROOM = 1.02


@dataclass(frozen=True, slots=True)
class Picture:
    """The SVG and where its plots lie in it, for hover values: box and data range of the weights' plot (points)."""

    svg: str
    width: float
    height: float
    box: tuple[float, float, float, float]
    minutes: float
    weight: float


def picture(plan: ReleasePlan, *, titled: bool = True) -> Picture:
    """Draw the plan; UsageError where matplotlib is not installed."""
    matplotlib = _matplotlib()
    with matplotlib.rc_context(_STYLE):
        return _drawn(plan, titled=titled)


def _matplotlib() -> Any:
    try:
        import matplotlib as mpl
    except ImportError:
        raise UsageError(
            "pictures need matplotlib, which is not installed", hint="pip install 'chartgen[picture]'"
        ) from None
    return mpl


_STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "chartgen",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9,
    "hatch.linewidth": 0.6,
    "text.color": INK.drawn,
    "axes.edgecolor": MUTED.drawn,
    "axes.labelcolor": INK.drawn,
    "axes.facecolor": "none",
    "figure.facecolor": SURFACE.drawn,
    "savefig.facecolor": SURFACE.drawn,
    "xtick.color": MUTED.drawn,
    "ytick.color": MUTED.drawn,
    "xtick.labelcolor": INK.drawn,
    "ytick.labelcolor": INK.drawn,
    "grid.color": GRID.drawn,
    "grid.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
}


def _drawn(plan: ReleasePlan, *, titled: bool) -> Picture:
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    strip = _ROW * len(plan.played)
    heights = (_TITLES if titled else 0.15, _MAIN, _SCALE, strip, *((_SCALE, _SIGHT) if plan.characteristics else ()))
    edges = [0.0, *accumulate(heights)]
    height = edges[-1] + _FOOT + (_SCALE - _FOOT if plan.characteristics else 0)
    figure = Figure(figsize=(_WIDTH, height))
    FigureCanvasSVG(figure)
    if titled:
        _title(figure, plan, height)
    minutes = max([0.5, *(one.course.seconds / 60 for one in plan.played)])
    weights = _axes(figure, height, edges[1], _MAIN)
    highest = _weights(weights, plan, minutes)
    _strip(_axes(figure, height, edges[3], strip), plan, minutes)
    if plan.characteristics:
        _sight(_axes(figure, height, edges[5] + 0.2, _SIGHT - 0.2), plan)
    return _picture(figure, weights, minutes, highest)


def _axes(figure: Any, whole: float, top: float, height: float) -> Any:
    """Axes so many inches below the upper edge, so many high."""
    left, right = 0.075, 0.975
    return figure.add_axes((left, (whole - top - height) / whole, right - left, height / whole))


def _title(figure: Any, plan: ReleasePlan, height: float) -> None:
    subject = plan.subject
    run = "the first installation" if subject.bootstrap else "a release"
    title = f"{subject.name}: what Flagger {subject.flagger} does with {run}"
    figure.text(0.02, 1 - 0.18 / height, title, fontsize=12, fontweight="bold", va="top")
    told = (
        f"{subject.strategy} on {subject.provider}, a check every {subject.interval:g} s,"
        f" rolled back after {subject.threshold} failed checks"
    )
    figure.text(0.02, 1 - 0.44 / height, told, fontsize=9, color=MUTED.drawn, va="top")


def _weights(axes: Any, plan: ReleasePlan, minutes: float) -> float:
    """The step lines with their exposure shaded; returns the upper end of the scale."""
    highest = max((moment.canary for one in plan.played for moment in one.course.moments), default=0)
    scale = min(110.0, max(20.0, highest * 1.3))
    for at, one in enumerate(plan.played):
        _line(axes, one, at)
    for at, one in enumerate(plan.played):
        _label(axes, one, at)
    axes.set_xlim(0, minutes * _ROOM)
    axes.set_ylim(0, scale)
    axes.set_xlabel("minutes after the release is noticed", labelpad=2)
    axes.set_ylabel("weight of the new version")
    axes.yaxis.set_major_formatter("{x:g} %")
    axes.grid(visible=True, axis="both")
    axes.tick_params(length=0)
    return scale


def _steps(course: Course) -> tuple[list[float], list[float]]:
    return [moment.second / 60 for moment in course.moments], [moment.canary for moment in course.moments]


def _line(axes: Any, one: Played, at: int) -> None:
    x, y = _steps(one.course)
    role, hatch = SERIES[at % len(SERIES)].drawn, HATCHES[at % len(HATCHES)]
    shown = [moment.canary if moment.users > 0 else 0 for moment in one.course.moments]
    axes.fill_between(x, shown, step="post", color=role, alpha=0.13, linewidth=0)
    if hatch:
        axes.fill_between(x, shown, step="post", facecolor="none", edgecolor=role, hatch=hatch, alpha=0.35, linewidth=0)
    axes.step(x, y, where="post", color=role, linestyle=LINES[at % len(LINES)], linewidth=2.2, solid_capstyle="butt")
    if one.course.ending is Ending.ROLLED_BACK:
        before = y[-2] if len(y) > 1 else 0
        axes.plot(x[-1], before, marker="X", markersize=10, color=role, markeredgecolor=SURFACE.drawn, clip_on=False)
        told = f"rolled back {told_clock(one.course.seconds)}"
        axes.annotate(told, (x[-1], before), xytext=(-8, 5), textcoords="offset points", ha="right", fontsize=8)


def _label(axes: Any, one: Played, at: int) -> None:
    """The scenario's name over the middle of its line's highest step; a line on the ground is told by its row below."""
    x, y = _steps(one.course)
    top = max(y, default=0)
    if not top:
        return
    place = y.index(top)
    end = next((x[after] for after in range(place, len(y)) if y[after] < top), x[-1])
    axes.annotate(
        one.course.scenario.text, ((x[place] + end) / 2, top), xytext=(0, 4), textcoords="offset points",
        ha="center", va="bottom", fontweight="bold", color=SERIES[at % len(SERIES)].drawn,
    )  # fmt: skip


def _strip(axes: Any, plan: ReleasePlan, minutes: float) -> None:
    """One row a scenario: its line, the window in which it is analysed, how it ends and what that exposes."""
    for at, one in enumerate(plan.played):
        row, role = -at, SERIES[at % len(SERIES)].drawn
        end = one.course.seconds / 60
        window = _analysis(one.course)
        if window:
            start, last = window
            axes.barh(row - 0.2, last - start, left=start, height=0.3, color=role, alpha=0.3, linewidth=0)
            axes.text((start + last) / 2, row - 0.21, "analysis", ha="center", va="center", fontsize=7)
        axes.plot([0, end], [row - 0.42] * 2, color=role, linestyle=LINES[at % len(LINES)], linewidth=2)
        axes.plot(end, row - 0.42, marker=_MARKS[one.course.ending], markersize=7, color=role, clip_on=False)
        scenario = one.course.scenario.text
        axes.text(0, row + 0.08, scenario, fontweight="bold", color=role, va="bottom", fontsize=8.5)
        told = shorten(ending_told(one), _LONGEST, placeholder=" …")
        beside = {"xytext": (6.6 * len(scenario) + 6, 0), "textcoords": "offset points", "annotation_clip": False}
        axes.annotate(told, (0, row + 0.08), va="bottom", fontsize=8.5, **beside)
    axes.set_xlim(0, minutes * _ROOM)
    axes.set_ylim(-len(plan.played) + 0.5, 0.5)
    axes.axis("off")


def _analysis(course: Course) -> tuple[float, float] | None:
    """From the tick that starts the new version's trial to the last check (minutes)."""
    checked = [moment.second / 60 for moment in course.moments if moment.checked]
    first = course.first_traffic
    if not checked:
        return None
    return min(checked[0], first / 60) if first is not None else checked[0], checked[-1]


def _sight(axes: Any, plan: ReleasePlan) -> None:
    """The operating characteristic, each rate with its probability."""
    for at, found in enumerate(plan.characteristics):
        _curve(axes, found, at)
    axes.set_xscale("log")
    axes.set_ylim(-4, 118)
    axes.set_yticks([0, 25, 50, 75, 100])
    axes.yaxis.set_major_formatter("{x:g} %")
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g} %")
    axes.xaxis.set_minor_locator(_none())
    axes.set_xlabel("share of bad requests")
    axes.set_title(
        f"probability that the release is rolled back, at {plan.settings.rps:g} requests a second",
        loc="left", fontsize=9, fontweight="bold",
    )  # fmt: skip
    axes.grid(visible=True, axis="both")
    axes.tick_params(length=0)


def _none() -> Any:
    from matplotlib.ticker import NullLocator

    return NullLocator()


def _curve(axes: Any, found: Characteristic, at: int) -> None:
    role = SERIES[at % len(SERIES)].drawn
    x = [row.rate * 100 for row in found.rows]
    y = [row.fate.rolled_back * 100 for row in found.rows]
    axes.plot(x, y, color=role, linestyle=LINES[at % len(LINES)], linewidth=2, marker="os^D"[at % 4], markersize=5)
    for rate, chance, row in zip(x, y, found.rows, strict=True):
        axes.annotate(
            told_share(row.fate.rolled_back), (rate, chance), xytext=(0, 6), textcoords="offset points",
            ha="center", fontsize=7.5, color=INK.drawn,
        )  # fmt: skip
    alarm = found.healthy.fate.rolled_back
    axes.axhline(alarm * 100, color=MUTED.drawn, linewidth=0.9, linestyle=(0, (2.0, 2.0)))
    told = f"{found.label} {found.kind}; healthy: {told_share(alarm)}".lstrip()
    place = {"xycoords": ("axes fraction", axes.transData), "xytext": (0, 3), "textcoords": "offset points"}
    axes.annotate(told, (0.995, alarm), ha="right", fontsize=7.5, color=MUTED.drawn, **place)


def _picture(figure: Any, axes: Any, minutes: float, highest: float) -> Picture:
    target = io.StringIO()
    figure.savefig(target, format="svg", metadata={"Date": None, "Creator": None})
    width, height = (inches * 72 for inches in figure.get_size_inches())
    box = axes.get_position()
    left, right = box.x0 * width, box.x1 * width
    lower, upper = height - box.y0 * height, height - box.y1 * height
    svg = target.getvalue()
    return Picture(svg[svg.index("<svg") :], width, height, (left, upper, right, lower), minutes * _ROOM, highest)
