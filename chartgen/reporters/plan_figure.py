"""Draws the picture of a plan with matplotlib: weights over time, and the operating characteristics."""

from __future__ import annotations

import importlib.util
import io
import os
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chartgen.errors import UsageError
from chartgen.escaping import shown_line
from chartgen.reporters.plan_curves import draw_characteristics
from chartgen.reporters.plan_lines import X_MARGIN, draw_rows, draw_weights
from chartgen.reporters.plan_theme import GRID, INK, MUTED, SURFACE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.planning.release_plan import ReleasePlan

# Inches: the width, and the heights of the plots, of the scale below a plot, of the titles, of the bottom margin.
_WIDTH, _WEIGHTS, _ROW, _CURVES = 9.6, 3.1, 0.42, 2.5
_SCALE, _TITLES, _MARGIN = 0.52, 0.78, 0.12


@dataclass(frozen=True, slots=True)
class Picture:
    """The SVG, and the position (points) and data range of the weights' plot, for values under the pointer."""

    svg: str
    width: float
    height: float
    box: tuple[float, float, float, float]
    minutes: float
    weight: float


def draw_picture(plan: ReleasePlan, *, titled: bool = True) -> Picture:
    """UsageError if matplotlib isn't installed."""
    matplotlib = _matplotlib()
    with matplotlib.rc_context(_STYLE):
        return _draw(plan, titled=titled)


def _matplotlib() -> Any:
    spec = importlib.util.find_spec("matplotlib")
    if spec is None or spec.origin is None:
        raise UsageError(
            "--format svg and html require matplotlib, which isn't installed",
            hint="run pip install 'chartgen[picture]'",
        )
    package = Path(spec.origin).parent
    with _working_in(package / "mpl-data" if (package / "mpl-data").is_dir() else package):
        import matplotlib as mpl
    return mpl


@contextmanager
def _working_in(folder: Path) -> Iterator[None]:
    """Change the working directory: matplotlib reads `matplotlibrc` there first, and `folder` has its own."""
    previous = os.open(".", os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.chdir(folder)
        yield
    finally:
        os.fchdir(previous)
        os.close(previous)


_STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "chartgen",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9,
    "hatch.linewidth": 0.6,
    "text.color": INK.placeholder,
    "axes.edgecolor": MUTED.placeholder,
    "axes.labelcolor": INK.placeholder,
    "axes.facecolor": "none",
    "figure.facecolor": SURFACE.placeholder,
    "savefig.facecolor": SURFACE.placeholder,
    "xtick.color": MUTED.placeholder,
    "ytick.color": MUTED.placeholder,
    "xtick.labelcolor": INK.placeholder,
    "ytick.labelcolor": INK.placeholder,
    "grid.color": GRID.placeholder,
    "grid.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
}


def _draw(plan: ReleasePlan, *, titled: bool) -> Picture:
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    rows = _ROW * len(plan.results)
    heights = (
        _TITLES if titled else 0.15,
        _WEIGHTS,
        _SCALE,
        rows,
        *((_SCALE, _CURVES) if plan.characteristics else ()),
    )
    edges = [0.0, *accumulate(heights)]
    height = edges[-1] + _MARGIN + (_SCALE - _MARGIN if plan.characteristics else 0)
    figure = Figure(figsize=(_WIDTH, height))
    FigureCanvasSVG(figure)
    if titled:
        _title(figure, plan, height)
    minutes = max([0.5, *(result.run.seconds / 60 for result in plan.results)])
    weights = _axes(figure, height, edges[1], _WEIGHTS)
    highest = draw_weights(weights, plan, minutes)
    draw_rows(_axes(figure, height, edges[3], rows), plan, minutes)
    if plan.characteristics:
        draw_characteristics(_axes(figure, height, edges[5] + 0.2, _CURVES - 0.2), plan)
    return _picture(figure, weights, minutes, highest)


def _axes(figure: Any, figure_height: float, top: float, height: float) -> Any:
    """Axes `top` inches below the upper edge, `height` inches high."""
    left, right = 0.075, 0.975
    return figure.add_axes((left, (figure_height - top - height) / figure_height, right - left, height / figure_height))


def _title(figure: Any, plan: ReleasePlan, height: float) -> None:
    subject = plan.subject
    release = "the first installation" if subject.bootstrap else "a release"
    title = f"{subject.name}: what Flagger {subject.flagger} does with {release}"
    figure.text(0.02, 1 - 0.18 / height, shown_line(title), fontsize=12, fontweight="bold", va="top")
    strategy = (
        f"{subject.strategy} on {subject.provider}, a check every {subject.interval:g} s,"
        f" rollback after {subject.threshold} failed checks"
    )
    figure.text(0.02, 1 - 0.44 / height, shown_line(strategy), fontsize=9, color=MUTED.placeholder, va="top")


def _picture(figure: Any, axes: Any, minutes: float, highest: float) -> Picture:
    output = io.StringIO()
    with warnings.catch_warnings():
        # A name may hold letters that the font of the picture lacks: they are shown as boxes.
        warnings.simplefilter("ignore")
        figure.savefig(output, format="svg", metadata={"Date": None, "Creator": None})
    width, height = (inches * 72 for inches in figure.get_size_inches())
    box = axes.get_position()
    left, right = box.x0 * width, box.x1 * width
    lower, upper = height - box.y0 * height, height - box.y1 * height
    svg = output.getvalue()
    return Picture(svg[svg.index("<svg") :], width, height, (left, upper, right, lower), minutes * X_MARGIN, highest)
