"""Draws the operating characteristics of a plan as curves: probability of a rollback over the share of bad requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.flagger.canary import SUCCESS_RATE
from chartgen.reporters.plan_tables import format_rollback_probability, format_rps
from chartgen.reporters.plan_theme import LINES, MUTED, SERIES

if TYPE_CHECKING:
    from chartgen.planning.detection.operating_characteristic import OperatingCharacteristic
    from chartgen.planning.release_plan import ReleasePlan

_MARKERS = "os^D"


def draw_characteristics(axes: Any, plan: ReleasePlan) -> None:
    """One curve per kind of bad requests, with the probability at each rate."""
    labels: set[tuple[float, str]] = set()
    for index, characteristic in enumerate(plan.characteristics):
        _draw_curve(axes, characteristic, index, labels)
    axes.set_xscale("log")
    axes.set_ylim(-4, 118)
    axes.set_yticks([0, 25, 50, 75, 100])
    axes.yaxis.set_major_formatter("{x:g} %")
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:g} %")
    axes.xaxis.set_minor_locator(_no_ticks())
    axes.set_xlabel("share of the new version's requests that are bad")
    title = f"probability that Flagger rolls back the release, at {format_rps(plan)}"
    axes.set_title(title, loc="left", fontsize=9, fontweight="bold")
    axes.grid(visible=True, axis="both")
    axes.tick_params(length=0)
    axes.legend(loc="center right", bbox_to_anchor=(1, 0.36), frameon=False, fontsize=8, handlelength=3.2)


def _no_ticks() -> Any:
    from matplotlib.ticker import NullLocator

    return NullLocator()


def _draw_curve(axes: Any, characteristic: OperatingCharacteristic, index: int, labels: set[tuple[float, str]]) -> None:
    """The logarithmic scale has no rate of 0: the legend shows the healthy release. `labels` are already drawn."""
    rows = [row for row in characteristic.rows if row.rate > 0]
    color = SERIES[index % len(SERIES)].placeholder
    x, y = [row.rate * 100 for row in rows], [row.outcomes.rolled_back * 100 for row in rows]
    kind = "failing" if characteristic.kind == SUCCESS_RATE else "slow"
    false_alarm = format_rollback_probability(characteristic.healthy)
    axes.plot(
        x, y, color=color, linestyle=LINES[index % len(LINES)], linewidth=2, marker=_MARKERS[index % len(_MARKERS)],
        markersize=5, label=f"{characteristic.label} {kind} requests; a healthy release: {false_alarm}".lstrip(),
    )  # fmt: skip
    for rate, percent, row in zip(x, y, rows, strict=True):
        label = format_rollback_probability(row)
        if (rate, label) not in labels:
            labels.add((rate, label))
            offset = (0, 6) if not index else (0, -13)
            axes.annotate(label, (rate, percent), xytext=offset, textcoords="offset points", ha="center", fontsize=7.5)
    healthy = characteristic.healthy.outcomes.rolled_back * 100
    axes.axhline(healthy, color=MUTED.placeholder, linewidth=0.9, linestyle=(0, (2.0, 2.0)))
