"""Parsing Helm's error messages: the template, the line, and the message itself."""

from __future__ import annotations

import re

from chartgen.errors import RenderError
from chartgen.patterns import lazy_pattern

# Helm gives the location in several formats, here the most precise first: "execution error at (PATH:LINE:COL): …",
# "template: PATH:LINE:COL: executing …", "parse error at (PATH:LINE): …", "YAML parse error on PATH: …".
_PLACES = (
    # Helm itself reports the line after the last one.
    lazy_pattern(r"unclosed action started at (?P<path>[^():\s]+):(?P<line>\d+)"),
    lazy_pattern(r"(?:execution|parse) error at \((?P<path>[^():\s]+):(?P<line>\d+)(?::(?P<column>\d+))?\)"),
    lazy_pattern(r"template: (?P<path>[^:\s]+/templates/[^:\s]+):(?P<line>\d+)(?::(?P<column>\d+))?:"),
    lazy_pattern(r"(?P<path>[^\s:()]+/templates/[^\s:()]+):(?P<line>\d+)(?::(?P<column>\d+))?"),
    lazy_pattern(r"YAML parse error on (?P<path>[^\s:]+):"),
    # A file of the chart itself; that of a subchart is named by its file name only.
    lazy_pattern(r"\A(?:(?!subchart).)*?cannot load (?P<path>[\w.-]+\.yaml): .*?yaml: line (?P<line>\d+)", re.DOTALL),
)


def render_error(message: str) -> RenderError:
    """Helm's error message as a RenderError with template, line and column as far as Helm gives them.

    Among nested includes the innermost template is the location of the error. A subchart's template counts only if the
    message doesn't name one of the chart itself.
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
