"""Limits on JSON, TOML and Helm's output, checked before chartgen recurses into them."""

from __future__ import annotations

import json
from typing import Any

from chartgen.errors import InputError
from chartgen.inputs.limits import DEPTH, DIGITS

_HINT = "correct it and run again"
_DECIMAL_BITS = 3.33


def json_document(text: str) -> Any:
    """A JSON text as plain Python; InputError if it is invalid or nested too deep."""
    try:
        return bounded(json.loads(text))
    except RecursionError as error:
        raise InputError(f"nested more than {DEPTH} levels deep", hint=_HINT) from error
    except ValueError as error:
        raise InputError(str(error), hint=_HINT) from error


def bounded(document: Any) -> Any:
    """The document itself; InputError if it is nested too deep or has a number with too many digits."""
    level, depth = [document], 0
    while level:
        depth += 1
        if depth > DEPTH:
            raise InputError(f"nested more than {DEPTH} levels deep", hint=_HINT)
        if any(isinstance(value, int) and value.bit_length() > DIGITS * _DECIMAL_BITS for value in level):
            raise InputError(f"a number of more than {DIGITS:,} digits", hint='put it in "quotes"')
        level = [inner for value in level for inner in _inside(value)]
    return document


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []
