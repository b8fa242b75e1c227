"""Draws the chance of a rollback for each share of bad requests, as points: nothing is known between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chartgen.flagger.canary import SUCCESS_RATE
from chartgen.planning.amounts import format_share
from chartgen.reporters.picture.canvas import number, text_width, wrapped
from chartgen.reporters.plan_theme import series
from chartgen.reporters.plan_words import format_rps, short_probability

if TYPE_CHECKING:
    from chartgen.planning.detection.operating_characteristic import DetectionRow, OperatingCharacteristic
    from chartgen.planning.release_plan import ReleasePlan
    from chartgen.reporters.picture.canvas import Canvas
    from chartgen.reporters.picture.scale import Scale

# Without a budget, the usual one.
_TARGET = 95.0
_TARGET_LABEL = 20.0
_HEIGHT, _LINE, _ABOVE, _BELOW = 120.0, 18.0, 30.0, 54.0
_POINT, _LABEL_GAP = 4.5, 4.0
_SPREAD = 11.0


@dataclass(frozen=True, slots=True)
class DetectionChart:
    """The chart for one kind of bad requests; compared plans have one characteristic each."""

    plan: ReleasePlan
    kind: str
    characteristics: tuple[OperatingCharacteristic, ...]
    width: float

    @property
    def title(self) -> list[str]:
        bad = "failing" if self.kind == SUCCESS_RATE else "slow"
        return wrapped(f"Chance that Flagger rolls back a {bad} release", self.width, 2, "bold")

    @property
    def caption(self) -> list[str]:
        bad = "fail" if self.kind == SUCCESS_RATE else "are slow"
        text = f"by the share of its requests that {bad}, at {format_rps(self.plan)}"
        return wrapped(text, self.width, 2, "small")

    @property
    def _legend(self) -> bool:
        return len(self.characteristics) > 1

    @property
    def height(self) -> float:
        lines = len(self.title) + len(self.caption) + (2 * len(self.characteristics) if self._legend else 0)
        return lines * _LINE + _ABOVE + _HEIGHT + _BELOW

    def draw(self, canvas: Canvas, top: float, scale: Scale) -> None:
        """`scale` has the left and right edge of the plot."""
        y = top
        for style, lines in (("bold", self.title), ("muted", self.caption)):
            for line in lines:
                canvas.text(0, y + 14, line, style)
                y += _LINE
        if self._legend:
            for index, characteristic in enumerate(self.characteristics):
                _draw_point(canvas, 6, y + 9, index)
                canvas.text(18, y + 14, wrapped(characteristic.label, self.width - 18, 1, "small")[0], "small")
                y += _LINE
        plot = type(scale)(scale.left, scale.right, y + _ABOVE, y + _ABOVE + _HEIGHT, scale.seconds)
        self._draw_axes(canvas, plot)
        columns = self._columns()
        room = (plot.right - plot.left) / len(columns)
        labels = _labels(columns, room)
        for position, rate in enumerate(columns):
            self._draw_column(canvas, plot, rate, plot.left + (position + 0.5) * room, room)
        _draw_texts(canvas, plot, labels, plot.bottom + 17, "muted")
        y = plot.bottom + 17
        if self._legend:
            y = self._draw_values(canvas, plot, columns, y)
        healthy = labels[0] if labels[0] == _HEALTHY else "in percent; 0 is healthy"
        for line in wrapped(f"{healthy}: a rollback is a false alarm", plot.right - plot.left, 2, "muted"):
            y += _LINE - 2
            canvas.text(plot.left, y, line, "muted")

    def _columns(self) -> list[float]:
        """The rates of all characteristics; 0 is the healthy release."""
        return [0.0, *sorted({row.rate for each in self.characteristics for row in each.rows if row.rate > 0})]

    def _draw_axes(self, canvas: Canvas, plot: Scale) -> None:
        for percent in (0, 50, 100):
            canvas.line(plot.left, plot.y(percent), plot.right, plot.y(percent), "grid")
            canvas.text(plot.left - 6, plot.y(percent) + 4, f"{percent} %", "muted", anchor="end")
        targets = self._targets
        for target in targets:
            canvas.line(plot.left, plot.y(target), plot.right, plot.y(target), "limit")
        # Below the lowest line, or above it where the axis is.
        y = plot.y(targets[0])
        label = f"target {', '.join(f'{target:g} %' for target in targets)}"
        canvas.text(plot.left + 5, y + 16 if plot.bottom - y > _TARGET_LABEL else y - 5, label, "muted halo")

    @property
    def _targets(self) -> list[float]:
        """The probabilities (percent) that `--detect` asks for."""
        asked = {round(budget.probability * 100, 2) for budget in self.plan.detect if self.kind == SUCCESS_RATE}
        return sorted(asked) or [_TARGET]

    def _draw_column(self, canvas: Canvas, plot: Scale, rate: float, middle: float, room: float) -> None:
        rows = [(index, row) for index, each in enumerate(self.characteristics) if (row := _row(each, rate))]
        count = len(self.characteristics)
        for index, row in rows:
            x = middle + (index - (count - 1) / 2) * min(_SPREAD, room / count)
            y = plot.y(row.outcomes.rolled_back * 100)
            canvas.line(x, plot.bottom, x, y, f"line stem {series(index)}")
            _draw_point(canvas, x, y, index)
            text = _fitting(short_probability(row), room)
            if not self._legend and text_width(text, "small") <= room:
                canvas.text(x, y - 9, text, "small halo", anchor="middle")

    def _draw_values(self, canvas: Canvas, plot: Scale, columns: list[float], y: float) -> float:
        """A row of values for each characteristic, because they would overlap at the points."""
        room = (plot.right - plot.left) / len(columns)
        for index, characteristic in enumerate(self.characteristics):
            y += _LINE
            _draw_point(canvas, plot.left - 14, y - 4, index)
            rows = [_row(characteristic, rate) for rate in columns]
            values = [_fitting(short_probability(row), room) if row else "" for row in rows]
            _draw_texts(canvas, plot, values, y, "small")
        return y


_HEALTHY = "healthy"


def _labels(columns: list[float], room: float) -> list[str]:
    """The rates, in numbers without unit if they need it to fit."""
    labels = [format_share(rate) if rate else _HEALTHY for rate in columns]
    if max(text_width(label, "small") for label in labels) + _LABEL_GAP <= room:
        return labels
    return [format_share(rate).removesuffix(" %") for rate in columns]


def _fitting(percent: str, room: float) -> str:
    """The value with its unit where the widest one fits."""
    return percent if text_width(">99 %", "small") + _LABEL_GAP <= room else percent.removesuffix(" %")


def _draw_texts(canvas: Canvas, plot: Scale, texts: list[str], y: float, style: str) -> None:
    """One text per column; those without room are left out."""
    end, room = 0.0, (plot.right - plot.left) / len(texts)
    for position, text in enumerate(texts):
        x, width = plot.left + (position + 0.5) * room, text_width(text, style)
        if text and x - width / 2 >= end:
            canvas.text(x, y, text, style, anchor="middle")
            end = x + width / 2 + _LABEL_GAP


def _row(characteristic: OperatingCharacteristic, rate: float) -> DetectionRow | None:
    if not rate:
        return characteristic.healthy
    return next((row for row in characteristic.rows if row.rate == rate), None)


def _draw_point(canvas: Canvas, x: float, y: float, index: int) -> None:
    """Each series has its own shape."""
    if index == 0:
        canvas.circle(x, y, _POINT, series(index))
    elif index % 2:
        canvas.rectangle(x - _POINT, y - _POINT, 2 * _POINT, 2 * _POINT, series(index))
    else:
        canvas.path(f"M{number(x)} {number(y - 6)}l6 6l-6 6l-6-6z", series(index))


def detection_charts(plan: ReleasePlan, width: float) -> list[DetectionChart]:
    """One chart for each kind of bad requests."""
    kinds = dict.fromkeys(each.kind for each in plan.characteristics)
    return [
        DetectionChart(plan, kind, tuple(each for each in plan.characteristics if each.kind == kind), width)
        for kind in kinds
    ]
