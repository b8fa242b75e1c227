"""Draw `docs/pictures/architecture.svg`: the packages of chartgen in layers, and their imports.

Everything is read from the source: the arrows from the imports, each room's line from its package's docstring. An arrow
that follows from others is left out (lint → proof → helm says that lint may import helm).
"""

from __future__ import annotations

import ast
import textwrap
from dataclasses import dataclass, field
from html import escape
from itertools import pairwise

from chartgen.reporters.plan_theme import css
from tools.imports import PACKAGE, dependencies, tree

ROW, BOX, HEIGHT, PASSAGE, GAP, MARGIN = 108, 306, 70, 20, 28, 24


@dataclass(eq=False)
class Slot:
    """A place in a row: a room, or the passage of an arrow that skips the row."""

    room: str
    width: int
    row: int
    x: float = 0.0
    above: list[Slot] = field(default_factory=list)
    below: list[Slot] = field(default_factory=list)


def rooms() -> dict[str, str]:
    """Each package below chartgen with the first line of its docstring."""
    return {
        folder.name: (ast.get_docstring(tree(init.relative_to(PACKAGE))) or "").partition("\n")[0]
        for folder in sorted(PACKAGE.iterdir())
        if (init := folder / "__init__.py").is_file()
    }


def arrows() -> dict[str, set[str]]:
    """Room -> the rooms it imports, without those that follow from others."""
    direct: dict[str, set[str]] = {name: set() for name in rooms()}
    for module, targets in dependencies().items():
        room = _room(module)
        if room in direct:
            direct[room] |= {_room(target) for target in targets} & direct.keys() - {room}
    return {room: near - {far for step in near for far in _reached(step, direct)} for room, near in direct.items()}


def _room(module: str) -> str:
    return [*module.split("."), ""][1]


def _reached(room: str, graph: dict[str, set[str]]) -> set[str]:
    return graph[room].union(*(_reached(step, graph) for step in graph[room]))


def layout(graph: dict[str, set[str]]) -> list[list[Slot]]:
    """The rows from the top, each slot with its x. A room is one row above the highest room it imports."""
    depth = {room: _depth(room, graph) for room in graph}
    top = max(depth.values())
    rows: list[list[Slot]] = [[] for _ in range(top + 1)]
    slots = {room: Slot(room, BOX, top - depth[room]) for room in sorted(graph)}
    for slot in slots.values():
        rows[slot.row].append(slot)
    for room in sorted(graph):
        for target in sorted(graph[room]):
            _join(slots[room], slots[target], rows)
    _place(rows)
    return rows


def _depth(room: str, graph: dict[str, set[str]]) -> int:
    return max((_depth(step, graph) + 1 for step in graph[room]), default=0)


def _join(start: Slot, end: Slot, rows: list[list[Slot]]) -> None:
    """Connect two slots, with a passage through every row between them."""
    passages = [Slot("", PASSAGE, row) for row in range(start.row + 1, end.row)]
    for passage in passages:
        rows[passage.row].append(passage)
    for upper, lower in pairwise([start, *passages, end]):
        upper.below.append(lower)
        lower.above.append(upper)


def _place(rows: list[list[Slot]]) -> None:
    """Pull every slot to the middle of its neighbors, down and up again, and keep the slots of a row apart."""
    for row in rows:
        _spread(row)
    for sweep in range(24):
        downward = sweep % 2 == 0
        for row in rows if downward else rows[::-1]:
            for slot in row:
                near = slot.above if downward else slot.below
                if near:
                    slot.x = sum(other.x for other in near) / len(near)
            _spread(row)
    for slot in [slot for row in rows for slot in row if slot.room]:
        for lower in slot.below:
            _straighten(_chain(lower)[:-1], rows)


def _straighten(passages: list[Slot], rows: list[list[Slot]]) -> None:
    """Put all passages of an arrow on one vertical, its outermost one first, where that keeps clear of other slots."""
    for x in sorted({slot.x for slot in passages}, key=abs, reverse=True):
        if all(_is_free(x, slot, rows[slot.row]) for slot in passages):
            for slot in passages:
                slot.x = x
            return


def _is_free(x: float, slot: Slot, row: list[Slot]) -> bool:
    return all(abs(x - other.x) >= (slot.width + other.width) / 2 for other in row if other is not slot)


def _chain(slot: Slot) -> list[Slot]:
    """The passages from here on, and the room they lead to."""
    return [slot] if slot.room else [slot, *_chain(slot.below[0])]


def _spread(row: list[Slot]) -> None:
    """Keep the order and the gaps; the row's middle stays the middle of where its slots want to be."""
    row.sort(key=lambda slot: slot.x)
    wanted = sum(slot.x for slot in row) / len(row)
    for left, right in pairwise(row):
        right.x = max(right.x, left.x + (left.width + right.width) / 2 + GAP)
    shift = wanted - sum(slot.x for slot in row) / len(row)
    for slot in row:
        slot.x += shift


def svg() -> str:
    """The picture; it follows the reader's light or dark scheme."""
    rows = layout(arrows())
    left = min(slot.x - slot.width / 2 for row in rows for slot in row)
    right = max(slot.x + slot.width / 2 for row in rows for slot in row)
    for row in rows:
        for slot in row:
            slot.x += MARGIN - left
    width = round(right - left) + 2 * MARGIN
    height = MARGIN * 2 + ROW * len(rows) + HEIGHT // 2
    parts = [line for row in rows for slot in row for line in _lines_from(slot)]
    parts += [_box(slot) for row in rows for slot in row if slot.room]
    parts.append(_ground(width, MARGIN + ROW * len(rows)))
    title = "<title>The packages of chartgen</title><desc>Boxes are packages, arrows are imports, all downward.</desc>"
    return (
        f'<svg role="img" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}">{title}'
        f"<style>{css('svg')}{_STYLE}</style>\n{_MARKER}\n" + "\n".join(parts) + "\n</svg>\n"
    )


_STYLE = (
    "text{font-family:system-ui,sans-serif;fill:var(--muted);font-size:12px}"
    ".name{font-weight:700;font-size:15px;fill:var(--ink)}"
    ".ground{text-anchor:middle}rect{fill:var(--surface);stroke:var(--series-1);stroke-width:1.4}"
    ".plain{stroke:var(--grid)}.paper{stroke:none}"
    "path{fill:none;stroke:var(--muted);stroke-width:1.5}marker path{fill:var(--muted);stroke:none}"
)
_MARKER = (
    '<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
    '<path d="M0 0L8 4L0 8z"/></marker></defs>\n<rect class="paper" width="100%" height="100%"/>'
)


def _lines_from(slot: Slot) -> list[str]:
    """The arrows that leave a room, each one curve through its passages."""
    if not slot.room:
        return []
    lines = []
    for index, lower in enumerate(sorted(slot.below, key=lambda other: other.x)):
        x = slot.x + (index - (len(slot.below) - 1) / 2) * 44
        *passages, end = _chain(lower)
        points = [(x, _top(slot) + HEIGHT)]
        for passage in passages:
            points += [(passage.x, _top(passage) - 8), (passage.x, _top(passage) + HEIGHT + 8)]
        points.append((_entry(end, points[-1][0]), _top(end) - 2))
        lines.append(f'<path marker-end="url(#head)" d="{_curve(points)}"/>')
    return lines


def _entry(slot: Slot, x: float) -> float:
    """Where an arrow from `x` reaches a box: beside the middle when others arrive too."""
    return slot.x + max(-60.0, min(60.0, (x - slot.x) / 2)) if len(slot.above) > 1 else slot.x


def _curve(points: list[tuple[float, float]]) -> str:
    d = f"M{points[0][0]:.0f} {points[0][1]:.0f}"
    for (x, y), (to_x, to_y) in pairwise(points):
        middle = (y + to_y) / 2
        d += f"C{x:.0f} {middle:.0f} {to_x:.0f} {middle:.0f} {to_x:.0f} {to_y:.0f}"
    return d


def _top(slot: Slot) -> float:
    return MARGIN + slot.row * ROW


def _box(slot: Slot) -> str:
    x, y = slot.x - BOX / 2, _top(slot)
    lines = textwrap.wrap(rooms()[slot.room].rstrip("."), 40)
    words = "".join(
        f'<text x="{x + 12:.0f}" y="{y + 42 + 16 * number}">{escape(line)}</text>' for number, line in enumerate(lines)
    )
    return (
        f'<rect x="{x:.0f}" y="{y}" width="{BOX}" height="{HEIGHT}" rx="6"/>'
        f'<text class="name" x="{x + 12:.0f}" y="{y + 22}">{slot.room}</text>{words}'
    )


def _ground(width: int, y: int) -> str:
    single = [path.stem for path in sorted(PACKAGE.glob("*.py")) if not path.stem.startswith("__")]
    words = f"{' · '.join(single)}: every package may import these"
    return (
        f'<rect class="plain" x="{MARGIN}" y="{y}" width="{width - 2 * MARGIN}" height="{HEIGHT // 2}" rx="6"/>'
        f'<text class="ground" x="{width // 2}" y="{y + 23}">{words}</text>'
    )
