"""A schema error as a message: the value, and what is allowed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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


def violation_message(error: ValidationError) -> str:
    """The message for a schema error; errors from chartgen's own keywords already have theirs."""
    expected: Any = error.validator_value
    match error.validator:
        case "type" | "anyOf" if names := _type_names(error.schema):
            return f"{shown(error.instance)} is not {_types(names)}"
        case "enum":
            return f"{shown(error.instance)} is none of {', '.join(map(shown, expected))}"
        case "oneOf" if isinstance(error.instance, dict) and any("required" in branch for branch in expected):
            return _choice(error.instance, expected)
        case "minLength" if expected == 1:
            return "is empty"
        case str(word) if word in _BOUNDS:
            # Go's end of text is written `$`, see quick.re_of_re2.
            return _BOUNDS[word].format(value=shown(error.instance), bound=str(expected).replace(r"\Z", "$"))
        case _:
            return error.message


def shown(value: Any) -> str:
    """A value as JSON, truncated if it is long."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _type_names(schema: Any) -> list[str]:
    names = schema.get("type") or [branch["type"] for branch in schema["anyOf"] if "type" in branch]
    return [names] if isinstance(names, str) else list(names)


def _types(names: Sequence[str]) -> str:
    return " or ".join(f"an {name}" if name[0] in "aio" else f"a {name}" for name in names)


def _choice(instance: Mapping[str, Any], branches: Sequence[Mapping[str, Any]]) -> str:
    """The message for a `oneOf` whose branches each require some keys; a branch without required keys allows none."""
    sets = [branch["required"] for branch in branches if "required" in branch]
    everywhere = [name for name in sets[0] if all(name in names for names in sets)]
    ways = [name for names in sets for name in names if name not in everywhere]
    needs = f"needs {_listed(everywhere, 'and')}, and exactly one of" if everywhere else "needs exactly one of"
    demand = needs if len(sets) == len(branches) else "takes at most one of"
    return f"{demand} {_listed(ways, 'or')}; has {_listed([n for n in everywhere + ways if n in instance], 'and')}"


def _listed(names: Sequence[str], conjunction: str) -> str:
    return f" {conjunction} ".join(filter(None, [", ".join(names[:-1]), *names[-1:]])) or "none"
