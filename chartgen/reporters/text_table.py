"""Tables and paragraphs for the terminal, at most `WIDTH` columns wide."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.reporters.plan_tables import Table

WIDTH = 100
_INDENT, _GAP = "  ", 2
_NARROWEST, _MOST_LINES = 8, 6
# The space between a number and its unit, where no line breaks.
_UNIT = lazy_pattern(r"(?<=\d) (?=(?:min|s|h|%)(?:\W|$))")


def paragraph(text: str, first: str = "", other: str | None = None) -> list[str]:
    """The text on lines of at most WIDTH columns that begin with `first`, and then with `other`.

    Words are divided at hyphens only if one of them doesn't fit into a line.
    """
    indent = " " * len(first) if other is None else other
    together = _UNIT.sub("\N{NO-BREAK SPACE}", text)
    hyphens = max(map(len, together.split(" "))) > WIDTH - max(len(first), len(indent))
    lines = wrap(together, WIDTH, initial_indent=first, subsequent_indent=indent, break_on_hyphens=hyphens) or [first]
    return [line.replace("\N{NO-BREAK SPACE}", " ") for line in lines]


def table_lines(table: Table) -> Iterator[str]:
    """The first column to the left, all others to the right. Headings take as many lines as they need."""
    widths = _widths(table)
    for row in (table.header, *table.rows):
        yield from _row_lines(row, widths)


def _widths(table: Table) -> list[int]:
    """As wide as the cells, and as their headings on as few lines as fit. If nothing fits, the first column is cut."""
    room = WIDTH - len(_INDENT) - _GAP * (len(table.header) - 1)
    for lines in range(1, _MOST_LINES + 1):
        widths = [
            max([_heading_width(heading, lines), *(len(row[column]) for row in table.rows)])
            for column, heading in enumerate(table.header)
        ]
        if sum(widths) <= room:
            return widths
    widths[0] = max(_NARROWEST, widths[0] + room - sum(widths))
    return widths


def _heading_width(heading: str, lines: int) -> int:
    """The least width at which the heading takes no more lines, without breaking a word."""
    longest = max(map(len, heading.split()), default=0)
    return next(width for width in range(longest, len(heading) + 1) if len(_cell_lines(heading, width)) <= lines)


def _cell_lines(text: str, width: int) -> list[str]:
    return wrap(text, max(1, width), break_on_hyphens=False) or [""]


def _row_lines(row: tuple[str, ...], widths: list[int]) -> Iterator[str]:
    parts = [_cell_lines(cell, width) for cell, width in zip(row, widths, strict=True)]
    height = max(len(part) for part in parts)
    for number in range(height):
        cells = [part[number] if number < len(part) else "" for part in parts]
        aligned = [
            f"{cell:{width}}" if not column else f"{cell:>{width}}"
            for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        yield f"{_INDENT}{(' ' * _GAP).join(aligned)}".rstrip()
