"""Places labels over a plot: each ends above its mark, in as few rows as possible, and no leader crosses a label."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from chartgen.reporters.picture.canvas import text_width

if TYPE_CHECKING:
    from collections.abc import Iterable

ROW = 16.0
_GAP = 6.0
# Leaders that are closer look like one.
_SAME = 5.0
_BOLD = 1.14


@dataclass(frozen=True, slots=True)
class Label:
    """A label whose leader is at `x`; `classes` style its text."""

    x: float
    text: str
    classes: str = ""


@dataclass(frozen=True, slots=True)
class PlacedLabel:
    """A label in a row, counted from the plot upwards. Its text spans `left` to `right`."""

    label: Label
    row: int
    left: float
    right: float

    def meets(self, other: PlacedLabel) -> bool:
        """Whether the texts overlap, or a leader crosses a text."""
        if self.row == other.row:
            return self.left < other.right + _GAP and other.left < self.right + _GAP
        upper, lower = (self, other) if self.row > other.row else (other, self)
        return lower.left - 2 < upper.label.x < lower.right + 2 and abs(upper.label.x - lower.label.x) > _SAME


def place_labels(labels: Iterable[Label], left: float, right: float) -> list[PlacedLabel]:
    """Labels with their rows; a text that would begin left of `left` begins at its mark instead,
    or before it to end at `right`.

    In this order each label finds a row without crossing a leader, unless texts of both kinds are too close.
    """
    starting, ending = [], []
    for label in sorted(labels, key=lambda each: each.x):
        width = text_width(label.text, "small") * (_BOLD if "bold" in label.classes else 1)
        if label.x - width >= left:
            ending.append(PlacedLabel(label, 0, label.x - width + 3, label.x + 3))
        else:
            start = max(left, min(label.x - 3, right - width))
            starting.append(PlacedLabel(label, 0, start, start + width))
    placed: list[PlacedLabel] = []
    for each in (*starting[::-1], *ending):
        rows = (replace(each, row=row) for row in range(len(placed) + 1))
        free = (candidate for candidate in rows if not any(candidate.meets(other) for other in placed))
        placed.append(next(free, replace(each, row=rows_of(placed))))
    return placed


def rows_of(placed: Iterable[PlacedLabel]) -> int:
    """How many rows the labels take."""
    return max((each.row + 1 for each in placed), default=0)
