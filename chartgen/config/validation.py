"""What is wrong with a configuration: each fault with its key and, where it is near to something, what was meant."""

from __future__ import annotations

import difflib
import math
from typing import TYPE_CHECKING, Any

from chartgen.config.selection import rules_named
from chartgen.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from jsonschema.exceptions import ValidationError

SCHEMA = "chartgen-config.schema.json"

_TYPES = {
    "array": "a list",
    "object": "a map",
    "string": 'a text (in "quotes" if it looks like a number)',
    "boolean": "true or false",
}


def faults(document: Mapping[str, Any]) -> Iterator[str]:
    """The faults in words, each beginning with its key, such as `policy.max-wait`."""
    from jsonschema import Draft202012Validator

    from chartgen.resources import schema

    odd = list(_odd(document, ""))
    yield from odd
    found = [] if odd else sorted(Draft202012Validator(schema(SCHEMA)).iter_errors(document), key=lambda e: e.json_path)
    for error in found:
        yield from _told(error)
    if not odd and not found:
        yield from _unknown_rules(document, "")
        for index, override in enumerate(document.get("overrides", ())):
            yield from _unknown_rules(override, f"overrides.{index}.")


def _odd(value: Any, place: str) -> Iterator[str]:
    """What YAML can say and JSON Schema does not look at: keys that are no texts, numbers that limit nothing."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if not isinstance(key, str):
                yield f'{place}{key}: the key is no text (put it in "quotes")'
            yield from _odd(inner, f"{place}{key}.")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _odd(inner, f"{place}{index}.")
    elif isinstance(value, float) and not math.isfinite(value):
        yield f"{place.rstrip('.')}: {value} is not a finite number"


def _told(error: ValidationError) -> Iterator[str]:
    place = ".".join(str(step) for step in error.absolute_path)
    said: Any = error.validator_value
    if error.validator == "additionalProperties":
        schema: Any = error.schema
        known = list(schema["properties"])
        given: Any = error.instance
        for key in [name for name in given if name not in known]:
            yield f"{f'{place}.' if place else ''}{key} is not a setting{_meant(key, known)}"
    elif error.validator == "enum":
        yield f"{place}: {error.instance!r} is not a valid value{_meant(error.instance, said)}"
    elif error.validator == "type":
        wanted = said if isinstance(said, list) else [said]
        given = "what is empty" if error.instance is None else repr(error.instance)
        yield f"{place}: {given} is not {' or '.join(_TYPES.get(one, f'a {one}') for one in wanted)}"
    else:
        yield f"{f'{place}: ' if place else ''}{error.message}"


def _meant(given: Any, known: Sequence[Any]) -> str:
    names = [str(one) for one in known]
    near = difflib.get_close_matches(str(given), names, n=1, cutoff=0.5)
    return f": did you mean {near[0]}?" if near else f"; valid are {', '.join(names)}"


def _unknown_rules(settings: Mapping[str, Any], place: str) -> Iterator[str]:
    for index, entry in enumerate(settings.get("ignore", ())):
        at = f"{place}ignore.{index}"
        yield from _unknown(at, entry) if isinstance(entry, str) else _unknown(f"{at}.rule", entry["rule"])
    for index, name in enumerate(settings.get("select", ())):
        yield from _unknown(f"{place}select.{index}", name)
    for name in settings.get("severity", ()):
        yield from _unknown(f"{place}severity", name)


def _unknown(place: str, name: str) -> Iterator[str]:
    try:
        rules_named([name])
    except UsageError as error:
        yield f"{place}: {error.message}; {error.hint}"
