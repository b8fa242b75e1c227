"""The operating characteristics of a plan as curves: the share of bad requests, and how surely it is rolled back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.flagger.canary import SUCCESS_RATE
from chartgen.reporters.plan_tables import chance_told, rate_told
from chartgen.reporters.plan_theme import LINES, MUTED, SERIES

if TYPE_CHECKING:
    from chartgen.planning.detection.operating_characteristic import OperatingCharacteristic
    from chartgen.planning.release_plan import ReleasePlan

_MARKERS = "os^D"


def draw_characteristics(axes: Any, plan: ReleasePlan) -> None:
    """One curve a kind of badness, with the probability at each rate."""
    told: set[tuple[float, str]] = set()
    for at, found in enumerate(plan.characteristics):
        _curve(axes, found, at, told)
    axes.set_xscale("log")
    axes.set_ylim(-4, 118)
    axes.set_yticks([0, 25, 50, 75, 100])
    axes.yaxis.set_major_formatter("{x:g} %")
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g} %")
    axes.xaxis.set_minor_locator(_nowhere())
    axes.set_xlabel("share of the new version's requests that are bad")
    title = f"probability that the release is rolled back, at {rate_told(plan)}"
    axes.set_title(title, loc="left", fontsize=9, fontweight="bold")
    axes.grid(visible=True, axis="both")
    axes.tick_params(length=0)
    axes.legend(loc="center right", bbox_to_anchor=(1, 0.36), frameon=False, fontsize=8, handlelength=3.2)


def _nowhere() -> Any:
    from matplotlib.ticker import NullLocator

    return NullLocator()


def _curve(axes: Any, found: OperatingCharacteristic, at: int, told: set[tuple[float, str]]) -> None:
    """A rate of 0 has no place on the scale; it is told as the healthy release. `told` holds the labels drawn."""
    rows = [row for row in found.rows if row.rate > 0]
    role = SERIES[at % len(SERIES)].drawn
    x, y = [row.rate * 100 for row in rows], [row.fate.rolled_back * 100 for row in rows]
    what = "failing" if found.kind == SUCCESS_RATE else "slow"
    alarm = chance_told(found.healthy)
    axes.plot(
        x, y, color=role, linestyle=LINES[at % len(LINES)], linewidth=2, marker=_MARKERS[at % len(_MARKERS)],
        markersize=5, label=f"{found.label} {what} requests; a healthy release: {alarm}".lstrip(),
    )  # fmt: skip
    for rate, chance, row in zip(x, y, rows, strict=True):
        words = chance_told(row)
        if (rate, words) not in told:
            told.add((rate, words))
            lift = (0, 6) if not at else (0, -13)
            axes.annotate(words, (rate, chance), xytext=lift, textcoords="offset points", ha="center", fontsize=7.5)
    axes.axhline(found.healthy.fate.rolled_back * 100, color=MUTED.drawn, linewidth=0.9, linestyle=(0, (2.0, 2.0)))
