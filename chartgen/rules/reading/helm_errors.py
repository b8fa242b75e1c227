"""Helm's errors: their essential message, and whether a value without a default causes them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chartgen.errors import RenderError

_AT = re.compile(r"at <(?P<expression>[^>]+)>")
_SIGNS = (
    "nil pointer evaluating",
    "nil data",
    "map has no entry for key",
    "can't evaluate field",
    "wrong type for value",
    "range can't iterate over <nil>",
    "invalid value; expected",
)
_VALUE = re.compile(r"\$?\.Values(?:\.\w+)+")


def missing_value(error: RenderError) -> str | None:
    """`.Values.canary.service.port` of an error about a missing value; None for any other error."""
    if not any(sign in error.message for sign in _SIGNS):
        return None
    expressions = [match["expression"] for match in _AT.finditer(error.message)]
    values = [value.group() for expression in reversed(expressions) for value in _VALUE.finditer(expression)]
    return values[0] if values else (expressions[-1] if expressions else None)


def gist(error: RenderError) -> str:
    """Helm's message in one line, without the prefix of each calling template."""
    lines = [line.strip() for line in error.message.splitlines() if line.strip()]
    text = lines[-1] if lines else error.message
    message = _WRAPPING.sub("", text) or text
    missing = missing_value(error)
    return f"{missing}: {message}" if missing and missing not in message else message


_WRAPPING = re.compile(
    r'^.*?(?:executing "[^"]*" at <[^>]*>|error calling \w+|(?:execution|parse) error at \([^)]*\)): (?=\S)'
)
