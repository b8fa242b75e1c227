"""The picture of a plan, drawn with matplotlib: weights over time, and what the canary can see."""

from __future__ import annotations

import importlib.util
import io
import os
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chartgen.errors import UsageError
from chartgen.reporters.plan_curves import draw_characteristics
from chartgen.reporters.plan_lines import ROOM, draw_rows, draw_weights
from chartgen.reporters.plan_theme import GRID, INK, MUTED, SURFACE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.planning.release_plan import ReleasePlan

# Inches: the width, each plot's height, the room of a scale below a plot, of the titles, of the lower edge.
_WIDTH, _MAIN, _ROW, _SIGHT = 9.6, 3.1, 0.42, 2.5
_SCALE, _TITLES, _FOOT = 0.52, 0.78, 0.12


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
    found = importlib.util.find_spec("matplotlib")
    if found is None or found.origin is None:
        raise UsageError("pictures need matplotlib, which is not installed", hint="pip install 'chartgen[picture]'")
    own = Path(found.origin).parent
    with _working_in(own / "mpl-data" if (own / "mpl-data").is_dir() else own):
        import matplotlib as mpl
    return mpl


@contextmanager
def _working_in(folder: Path) -> Iterator[None]:
    """Import there: matplotlib obeys a `matplotlibrc` of the working directory first, and that one is its own."""
    before = os.open(".", os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.chdir(folder)
        yield
    finally:
        os.fchdir(before)
        os.close(before)


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
    highest = draw_weights(weights, plan, minutes)
    draw_rows(_axes(figure, height, edges[3], strip), plan, minutes)
    if plan.characteristics:
        draw_characteristics(_axes(figure, height, edges[5] + 0.2, _SIGHT - 0.2), plan)
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


def _picture(figure: Any, axes: Any, minutes: float, highest: float) -> Picture:
    target = io.StringIO()
    figure.savefig(target, format="svg", metadata={"Date": None, "Creator": None})
    width, height = (inches * 72 for inches in figure.get_size_inches())
    box = axes.get_position()
    left, right = box.x0 * width, box.x1 * width
    lower, upper = height - box.y0 * height, height - box.y1 * height
    svg = target.getvalue()
    return Picture(svg[svg.index("<svg") :], width, height, (left, upper, right, lower), minutes * ROOM, highest)
