"""Helm's error texts, read: which template, which line, and what it says without the wrapping."""

from __future__ import annotations

import re

from chartgen.errors import RenderError

# Helm names the place in four ways, the most telling first: "execution error at (PATH:LINE:COL): …",
# "template: PATH:LINE:COL: executing …", "parse error at (PATH:LINE): …", "YAML parse error on PATH: …".
_PLACES = (
    re.compile(r"(?:execution|parse) error at \((?P<path>[^():\s]+):(?P<line>\d+)(?::\d+)?\)"),
    re.compile(r"template: (?P<path>[^:\s]+/templates/[^:\s]+):(?P<line>\d+)(?::\d+)?:"),
    re.compile(r"(?P<path>[^\s:()]+/templates/[^\s:()]+):(?P<line>\d+)(?::\d+)?"),
    re.compile(r"YAML parse error on (?P<path>[^\s:]+):"),
)


def render_error(message: str) -> RenderError:
    """Helm's refusal as a RenderError that names template and line where Helm does."""
    for pattern in _PLACES:
        match = pattern.search(message)
        if match:
            line = match.groupdict().get("line")
            return RenderError(message, template=match["path"], line=int(line) if line else None)
    return RenderError(message)
