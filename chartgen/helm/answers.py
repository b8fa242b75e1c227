"""Reading Helm's JSON output, with errors for values that Go can hold and Python can't."""

from __future__ import annotations

import json
from typing import Any

from chartgen.errors import RenderError

# Kubernetes objects nest some 20 levels. Recursive Python code needs up to three stack frames for each.
_DEEPEST = 200
_HINT = "look for a value that nests itself, or a number of thousands of digits"


def read_answer(answer: bytes | str) -> Any:
    """The parsed JSON output of Helm, None if it is empty.

    Raises RenderError for a number of more than 4,300 digits or nesting of more than 200 levels.
    """
    if not answer:
        return None
    try:
        read = json.loads(answer)
    except RecursionError as error:
        raise RenderError(f"what the chart renders nests more than {_DEEPEST} levels deep", hint=_HINT) from error
    except ValueError as error:
        raise RenderError(f"Helm's answer can't be read: {error}", hint=_HINT) from error
    opened = answer.count(b"{") + answer.count(b"[") if isinstance(answer, bytes) else _DEEPEST + 1
    if opened > _DEEPEST and _nests_too_deep(read):
        raise RenderError(f"what the chart renders nests more than {_DEEPEST} levels deep", hint=_HINT)
    return read


def _nests_too_deep(read: Any) -> bool:
    level = [read]
    for _ in range(_DEEPEST):
        below = (each.values() if isinstance(each, dict) else each for each in level if isinstance(each, (dict, list)))
        level = [value for values in below for value in values if isinstance(value, (dict, list))]
        if not level:
            return False
    return True
