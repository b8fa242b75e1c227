"""A drawing as XML elements, so that no text of a chart can become markup."""

from __future__ import annotations

import unicodedata
import xml.etree.ElementTree as ET
from textwrap import TextWrapper

from chartgen.escaping import shown_line

# Widths of characters in em, a little wider than those of common interface fonts: the reader's font isn't known.
_NARROW, _WIDE = frozenset("iljtfr.,:;|!'()[] /-·"), frozenset("mwMW@%—█")
_NARROW_EM, _PLAIN_EM, _UPPER_EM, _WIDE_EM, _FULL_EM = 0.36, 0.6, 0.7, 0.9, 1.05
# Font sizes in pixels, by class: the title, bold and plain text, small text.
SIZES = {"title": 18.0, "bold": 14.0, "": 14.0, "small": 12.5, "muted": 12.5}
_BOLD = 1.16


def text_width(text: str, style: str = "") -> float:
    """The estimated width of one line in pixels."""
    size = SIZES[style] * (_BOLD if style in {"title", "bold"} else 1.0)
    return size * sum(_character_width(character) for character in text)


def _character_width(character: str) -> float:
    if character in _NARROW:
        return _NARROW_EM
    if character in _WIDE:
        return _WIDE_EM
    if unicodedata.east_asian_width(character) in "WF":
        return _FULL_EM
    return _UPPER_EM if character.isupper() else _PLAIN_EM


def wrapped(text: str, width: float, lines: int, style: str = "") -> list[str]:
    """The text in at most `lines` lines that fit into `width` pixels; what doesn't fit becomes `…`."""
    text = shown_line(text)
    columns = max(8, int(width / (text_width(text, style) / len(text)))) if text else 8
    while True:
        found = TextWrapper(columns, max_lines=lines, placeholder=" …", break_on_hyphens=False).wrap(text)
        if columns <= 8 or all(text_width(line, style) <= width for line in found):  # noqa: PLR2004 - a few letters
            return found
        columns -= 1


class Canvas:
    """Collects elements; coordinates are pixels from `inset` to the right of the upper left corner."""

    def __init__(self, width: float, inset: float) -> None:
        self.width = width
        self._root = ET.Element("g", {"transform": f"translate({number(inset)} 0)"})

    def rectangle(self, x: float, y: float, width: float, height: float, classes: str) -> None:
        """A filled rectangle."""
        self._add("rect", classes, x=x, y=y, width=max(0.0, width), height=height)

    def line(self, x1: float, y1: float, x2: float, y2: float, classes: str) -> None:
        """A straight line."""
        self._add("line", classes, x1=x1, y1=y1, x2=x2, y2=y2)

    def path(self, commands: str, classes: str) -> None:
        """A path in SVG's notation."""
        ET.SubElement(self._root, "path", {"class": classes, "d": commands})

    def circle(self, x: float, y: float, radius: float, classes: str) -> None:
        """A filled circle."""
        self._add("circle", classes, cx=x, cy=y, r=radius)

    def text(self, x: float, y: float, text: str, classes: str = "", *, anchor: str = "start") -> None:
        """One line of text on the baseline `y`, `anchor` (start, middle, end) at `x`."""
        element = self._add("text", classes, x=x, y=y)
        if anchor != "start":
            element.set("text-anchor", anchor)
        element.text = shown_line(text)

    def svg(self, height: float, title: str, description: str, style: str) -> str:
        """The whole drawing; readers who can't see it get the title and the description."""
        width, high = number(self.width), number(height)
        size = {"width": width, "height": high, "viewBox": f"0 0 {width} {high}"}
        root = ET.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "class": "plan", "role": "img", **size})
        for tag, content in (("title", title), ("desc", description), ("style", style)):
            if content:
                ET.SubElement(root, tag).text = shown_line(content)
        ET.SubElement(root, "rect", {"class": "surface", "width": width, "height": high})
        root.append(self._root)
        return ET.tostring(root, encoding="unicode")

    def _add(self, tag: str, classes: str, **numbers: float) -> ET.Element:
        attributes = {name: number(value) for name, value in numbers.items()}
        return ET.SubElement(self._root, tag, {**({"class": classes} if classes else {}), **attributes})


def number(value: float) -> str:
    """A coordinate with at most one decimal."""
    return f"{round(value, 1) + 0.0:g}"
