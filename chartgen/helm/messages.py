"""Helm's error texts, read: which template, which line, and what it says without the wrapping."""

from __future__ import annotations

import re

from chartgen.errors import RenderError

# Helm names the place in four ways, the most telling first: "execution error at (PATH:LINE:COL): …",
# "template: PATH:LINE:COL: executing …", "parse error at (PATH:LINE): …", "YAML parse error on PATH: …".
_PLACES = (
    re.compile(r"(?:execution|parse) error at \((?P<path>[^():\s]+):(?P<line>\d+)(?::(?P<column>\d+))?\)"),
    re.compile(r"template: (?P<path>[^:\s]+/templates/[^:\s]+):(?P<line>\d+)(?::(?P<column>\d+))?:"),
    re.compile(r"(?P<path>[^\s:()]+/templates/[^\s:()]+):(?P<line>\d+)(?::(?P<column>\d+))?"),
    re.compile(r"YAML parse error on (?P<path>[^\s:]+):"),
)


def render_error(message: str) -> RenderError:
    """Helm's refusal as a RenderError that names template, line and column where Helm does.

    Of templates that include one another the innermost counts: it is where Helm stumbled. Subcharts are passed over
    where a template of the chart itself is told too.
    """
    for pattern in _PLACES:
        places = list(pattern.finditer(message))
        if places:
            own = [match for match in places if "/charts/" not in match["path"]]
            place = (own or places)[-1].groupdict()
            line, column = place.get("line"), place.get("column")
            return RenderError(
                message,
                template=place["path"],
                line=int(line) if line else None,
                column=int(column) + 1 if column else None,  # Go counts columns from 0
            )
    return RenderError(message)
