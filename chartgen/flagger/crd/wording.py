"""A schema error in plain words: what stands there and what may."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jsonschema import ValidationError

_LONGEST = 60

_BOUNDS = {
    "minimum": "{value} is less than {bound}",
    "maximum": "{value} is more than {bound}",
    "minLength": "{value} is shorter than {bound} characters",
    "maxLength": "{value} is longer than {bound} characters",
    "maxItems": "has more than {bound} items",
    "pattern": "{value} does not match {bound}",
    "format": "{value} does not fit {bound}",
}


def complaint(error: ValidationError) -> str:
    """The plain words for an error of the schema; those that chartgen's own keywords raise carry them already."""
    told: Any = error.validator_value
    match error.validator:
        case "type" | "anyOf":
            return f"{shown(error.instance)} is not {_types(error.schema)}"
        case "enum":
            return f"{shown(error.instance)} is none of {', '.join(map(shown, told))}"
        case "oneOf":
            return f"must have exactly one of {_alternatives(told)}"
        case str(word) if word in _BOUNDS:
            return _BOUNDS[word].format(value=shown(error.instance), bound=told)
        case _:
            return error.message


def shown(value: Any) -> str:
    """A value as JSON, cut where it is long."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _types(schema: Any) -> str:
    names = schema.get("type") or [one["type"] for one in schema["anyOf"]]
    names = [names] if isinstance(names, str) else names
    return " or ".join(f"an {name}" if name[0] in "aio" else f"a {name}" for name in names)


def _alternatives(branches: list[Any]) -> str:
    """`stepWeight, or stepWeights (each with interval, threshold)`; a branch that wants none of them is "none"."""
    sets = [branch["required"] for branch in branches if "required" in branch]
    everywhere = [name for name in sets[0] if all(name in names for names in sets)] if len(sets) > 1 else []
    ways = [" and ".join(name for name in names if name not in everywhere) for names in sets]
    ways += ["none of them"] * (len(sets) < len(branches))
    shared = f" (each with {' and '.join(everywhere)})" if everywhere else ""
    return ", ".join(ways[:-1]) + f" or {ways[-1]}" + shared
