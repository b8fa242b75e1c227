"""Composes the picture of a plan: weights over time with the phases below, then the chance to detect a bad release."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chartgen.reporters.picture.canvas import Canvas, number, wrapped
from chartgen.reporters.picture.detection import detection_charts
from chartgen.reporters.picture.groups import groups_of
from chartgen.reporters.picture.phases import PhaseBar
from chartgen.reporters.picture.scale import Scale, time_ticks
from chartgen.reporters.picture.timeline import ENDLESS, failed_checks, seconds_of, unseen_requests
from chartgen.reporters.picture.weights import Plot, draw_count, draw_plot, label_height, placed_labels
from chartgen.reporters.plan_theme import picture_css, series
from chartgen.reporters.plan_words import format_ending, strategy, with_unit

if TYPE_CHECKING:
    from chartgen.planning.release_plan import ReleasePlan, ScenarioResult
    from chartgen.planning.strategy import WeightLimit
    from chartgen.reporters.picture.groups import Group

WIDE, NARROW, ALONE = 860.0, 400.0, 640.0
_PAD, _AXIS = 16.0, 46.0
_PLOT, _SMALL_PLOT = 170.0, 110.0
# Between two lines of text, by style; where texts of the legend begin.
_LEADING = {"title": 24.0, "bold": 19.0, "small": 17.0, "muted": 17.0}
_LEGEND = 34.0
# A run that never ends continues beyond its last tick by this factor.
_BEYOND = 1.15
_SHORTEST = 30.0


@dataclass(frozen=True, slots=True)
class Picture:
    """The SVG, and the part of it (pixels) that shows the time from 0 to `seconds`, for values under the pointer."""

    svg: str
    width: float
    height: float
    box: tuple[float, float, float, float]
    seconds: float


def draw_picture(plan: ReleasePlan, width: float = ALONE, *, titled: bool = True) -> Picture:
    """The picture, `width` pixels wide; without its title and style if a page has them."""
    return _Figure(plan, width, titled).draw()


@dataclass(slots=True)
class _Figure:
    """Draws from the top; `_y` is the lower end of what is drawn."""

    plan: ReleasePlan
    width: float
    titled: bool
    canvas: Canvas = field(init=False)
    _y: float = field(init=False, default=_PAD)
    _seconds: float = field(init=False)

    def __post_init__(self) -> None:
        self.canvas = Canvas(self.width, self._left)
        self._seconds = max([_SHORTEST, *(_needed_seconds(result) for result in self.plan.results)])

    def draw(self) -> Picture:
        canvas = self.canvas
        if self.titled:
            self._title()
        groups = groups_of(self.plan)
        first = self._y
        for group in groups:
            self._group(group, len(groups))
        last = self._y
        self._time_axis()
        for chart in detection_charts(self.plan, self._inner):
            self._y += 22
            chart.draw(canvas, self._y, self._scale(0, 1))
            self._y += chart.height
        height = self._y + _PAD
        title = f"{self.plan.subject.title}: release with Flagger {self.plan.subject.flagger}"
        endings = "; ".join(f"{result.run.scenario.text}: {format_ending(result)}" for result in self.plan.results)
        svg = canvas.svg(height, title, endings, picture_css() if self.titled else "")
        box = (self._left + _AXIS, first, self._left + self._inner, last)
        return Picture(svg, self.width, height, box, self._seconds)

    @property
    def _left(self) -> float:
        """The margin: a page has its own."""
        return _PAD if self.titled else 0.0

    @property
    def _inner(self) -> float:
        return self.width - self._left - _PAD

    def _scale(self, top: float, bottom: float) -> Scale:
        return Scale(_AXIS, self._inner, top, bottom, self._seconds)

    def _title(self) -> None:
        subject = self.plan.subject
        what = "first installation" if subject.bootstrap else "canary release"
        title = f"{subject.title}: {what} with Flagger {subject.flagger}"
        self._lines(title, "title", 3)
        for label, each in self.plan.compared_subjects or (("", subject),):
            self._lines(f"{label}: {strategy(each)}" if label else strategy(each), "muted", 3)
        self._y += 10

    def _group(self, group: Group, groups: int) -> None:
        if group.title:
            self._lines(group.title, "title")
        for index, (result, name) in enumerate(zip(group.results, group.names, strict=True)):
            self._legend(index, name, result)
        labels = placed_labels(group.results, group.names, self._scale(0, 1))
        top = self._y + label_height(labels) + 4
        scale = self._scale(top, top + (_PLOT if groups == 1 else _SMALL_PLOT))
        draw_plot(Plot(self.canvas, scale, group.results, group.names, self._limit))
        self._y = scale.bottom + 6
        for index, result in enumerate(group.results):
            if not result.flaky:
                bar = PhaseBar(scale, result.run, index, sample=len(group.results) > 1)
                bar.draw(self.canvas, self._y)
                self._y += bar.height
        self._y += 12

    @property
    def _limit(self) -> WeightLimit | None:
        """That of the plan, unless compared plans differ."""
        limits = {subject.weight_limit for subject in (self.plan.subject, *dict(self.plan.compared_subjects).values())}
        return limits.pop() if len(limits) == 1 else None

    def _legend(self, index: int, name: str, result: ScenarioResult) -> None:
        """The run's line, its name, and how it ends; then what else its plot shows."""
        self._y += 2
        self.canvas.path(f"M0 {number(self._y + 10)}h26", f"line {series(index)}")
        self._lines(name, "bold", 2, _LEGEND)
        self._lines(self._ending(result), "small", 5, _LEGEND)
        if result.flaky:
            self.canvas.rectangle(0, self._y + 4, 26, 12, f"area {series(index)}")
            self._lines("area: 5 % to 95 % of all rollouts; line: their mean", "small", 2, _LEGEND)
            return
        if unseen := unseen_requests(result.run):
            self.canvas.path(f"M0 {number(self._y + 16)}v-10h26v10", f"shadow {series(index)}")
            self._lines(unseen, "small", 2, _LEGEND)
        if failed_checks(result.run):
            draw_count(self.canvas, 13, self._y + 10, "n", index)
            self._lines("failed checks, counted", "small", 1, _LEGEND)

    def _ending(self, result: ScenarioResult) -> str:
        """The first one that has exposure explains its unit."""
        endings = [(each, format_ending(each)) for each in self.plan.results]
        first = next((each for each, ending in endings if "%·min" in ending), None)
        return with_unit(format_ending(result), self.plan) if result is first else format_ending(result)

    def _lines(self, text: str, style: str, lines: int = 2, left: float = 0.0) -> None:
        """A paragraph of at most so many lines."""
        leading = _LEADING[style]
        for line in wrapped(text, self._inner - left, lines, style):
            self.canvas.text(left, self._y + leading - 4, line, style)
            self._y += leading

    def _time_axis(self) -> None:
        scale = self._scale(0, 1)
        unit, ticks = time_ticks(scale)
        weight = "weight (matching requests)" if self.plan.subject.matching_only else "weight of the new version"
        for second, text in ticks:
            self.canvas.text(scale.x(second), self._y + 6, text, "muted", anchor="middle")
        self._y += 9
        self._lines(f"{weight} over {unit} after Flagger detects the release", "muted", 2, scale.left)


def _needed_seconds(result: ScenarioResult) -> float:
    endless = result.run.ending in ENDLESS and not result.flaky
    return seconds_of(result) * (_BEYOND if endless else 1)
