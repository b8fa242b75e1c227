"""Draws the phases of a run as a bar. A label that doesn't fit into its part is written below, behind a sample."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chartgen.reporters.picture.canvas import number, text_width
from chartgen.reporters.picture.timeline import phases
from chartgen.reporters.plan_theme import series

if TYPE_CHECKING:
    from chartgen.planning.scenario_run import ScenarioRun
    from chartgen.reporters.picture.canvas import Canvas
    from chartgen.reporters.picture.scale import Scale
    from chartgen.reporters.picture.timeline import Phase

BAR, _TEXT, _SAMPLE, _GAP = 18.0, 17.0, 10.0, 10.0
_SHADES = {"starting": "p1", "analysis": "p2", "promoting": "p3", "finalising": "p4"}


@dataclass(frozen=True, slots=True)
class PhaseBar:
    """The bar of one run; `index` is its series. `sample`: its line is drawn on the left."""

    scale: Scale
    run: ScenarioRun
    index: int
    sample: bool = False

    @property
    def phases(self) -> list[Phase]:
        return phases(self.run, self.scale.seconds)

    def _inside(self, phase: Phase) -> bool:
        return text_width(phase.name, "small") + 6 <= self.scale.x(phase.end) - self.scale.x(phase.start)

    @property
    def _outside(self) -> list[list[Phase]]:
        """The phases whose label is below the bar, each name once, in lines."""
        named = {phase.name: phase for phase in self.phases if not self._inside(phase)}
        lines: list[list[Phase]] = []
        for phase in named.values():
            room = self.scale.right - self.scale.left
            if lines and sum(map(_width, [*lines[-1], phase])) <= room:
                lines[-1].append(phase)
            else:
                lines.append([phase])
        return lines

    @property
    def height(self) -> float:
        return BAR + 4 + len(self._outside) * _TEXT if self.phases else 0.0

    def _shade(self, phase: Phase) -> str:
        return f"{series(self.index)} {_SHADES.get(phase.name, 'p1')}"

    def draw(self, canvas: Canvas, top: float) -> None:
        if self.sample and self.phases:
            canvas.path(f"M8 {number(top + BAR / 2)}h28", f"line {series(self.index)}")
        for phase in self.phases:
            left, right = self.scale.x(phase.start), self.scale.x(phase.end)
            canvas.rectangle(left + 0.5, top, right - left - 1, BAR, self._shade(phase))
            if self._inside(phase):
                canvas.text((left + right) / 2, top + 13, phase.name, "small", anchor="middle")
        for number_of_line, line in enumerate(self._outside):
            self._draw_outside(canvas, top + BAR + 14 + number_of_line * _TEXT, line)

    def _draw_outside(self, canvas: Canvas, y: float, line: list[Phase]) -> None:
        """Each near the middle of its phase; all of them inside the plot."""
        end, starts = self.scale.left, []
        for phase in line:
            middle = (self.scale.x(phase.start) + self.scale.x(phase.end)) / 2
            starts.append(max(end, middle - _width(phase) / 2))
            end = starts[-1] + _width(phase)
        limit = self.scale.right + _GAP
        for phase, start in zip(line[::-1], starts[::-1], strict=True):
            limit = min(start, limit - _width(phase))
            canvas.rectangle(limit, y - 9, _SAMPLE, _SAMPLE, self._shade(phase))
            canvas.text(limit + _SAMPLE + 3, y, phase.name, "small")


def _width(phase: Phase) -> float:
    """Of a label below the bar, with its sample and the gap after it."""
    return _SAMPLE + 3 + text_width(phase.name, "small") + _GAP
