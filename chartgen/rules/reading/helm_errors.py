"""Helm's errors, read: what they say at heart, and whether they mean that a value has no default."""

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
    told = [match["expression"] for match in _AT.finditer(error.message)]
    named = [value.group() for expression in reversed(told) for value in _VALUE.finditer(expression)]
    return named[0] if named else (told[-1] if told else None)


def gist(error: RenderError) -> str:
    """What Helm says without the wrapping of every template on the way, in one line."""
    lines = [line.strip() for line in error.message.splitlines() if line.strip()]
    text = lines[-1] if lines else error.message
    said = _WRAPPING.sub("", text) or text
    missing = missing_value(error)
    return f"{missing}: {said}" if missing and missing not in said else said


_WRAPPING = re.compile(
    r'^.*?(?:executing "[^"]*" at <[^>]*>|error calling \w+|(?:execution|parse) error at \([^)]*\)): (?=\S)'
)
