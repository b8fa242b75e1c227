"""Find the faults of a configuration, each with its key and, if a valid name is similar, a suggestion."""

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
    "string": 'a string (in "quotes" if it looks like a number)',
    "boolean": "true or false",
}

_DURATIONS = frozenset({"max-duration", "max-rollback-time", "scrape-interval"})
_ORDINALS = ("first", "second", "third")


def find_faults(document: Mapping[str, Any]) -> Iterator[str]:
    """The faults as messages, each starting with its key, such as `policy.max-wait`."""
    from jsonschema import Draft202012Validator

    from chartgen.resources import schema

    non_json = list(_find_non_json(document, ""))
    yield from non_json
    found = (
        []
        if non_json
        else sorted(Draft202012Validator(schema(SCHEMA)).iter_errors(document), key=lambda error: error.json_path)
    )
    for error in found:
        yield from _explain(error)
    if not non_json and not found:
        yield from _unknown_rules(document, "")
        for index, override in enumerate(document.get("overrides", ())):
            yield from _unknown_rules(override, f"overrides.{index}.")


def _find_non_json(value: Any, prefix: str) -> Iterator[str]:
    """Faults that JSON Schema doesn't detect: keys that aren't strings, numbers that aren't finite."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if not isinstance(key, str):
                yield f'{prefix}{key}: the key is not a string (put it in "quotes")'
            yield from _find_non_json(inner, f"{prefix}{key}.")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _find_non_json(inner, f"{prefix}{index}.")
    elif isinstance(value, float) and not math.isfinite(value):
        yield f"{prefix.rstrip('.')}: {value} is not a finite number"


def _explain(error: ValidationError) -> Iterator[str]:
    path = ".".join(str(step) for step in error.absolute_path)
    expected: Any = error.validator_value
    if error.validator == "additionalProperties":
        schema: Any = error.schema
        known = list(schema["properties"])
        given: Any = error.instance
        for key in [name for name in given if name not in known]:
            yield f"{f'{path}.' if path else ''}{key} is not a setting{_suggestion(key, known)}"
    elif error.validator == "enum":
        yield f"{path}: {error.instance!r} is not a valid value{_suggestion(error.instance, expected)}"
    elif error.validator == "type" and _is_duration_without_unit(error):
        yield f"{path}: {error.instance} has no unit; write {error.instance}m"
    elif error.validator == "required":
        missing = error.message.split("'")[1]
        yield f"{_subject(error)} has no `{missing}`"
    elif error.validator == "type":
        types = expected if isinstance(expected, list) else [expected]
        given = "an empty value" if error.instance is None else repr(error.instance)
        yield f"{path}: {given} is not {' or '.join(_TYPES.get(name, f'a {name}') for name in types)}"
    else:
        yield f"{f'{path}: ' if path else ''}{error.message}"


def _is_duration_without_unit(error: ValidationError) -> bool:
    key = str(error.absolute_path[-1]) if error.absolute_path else ""
    given: Any = error.instance
    return key in _DURATIONS and isinstance(given, (int, float)) and not isinstance(given, bool)


def _subject(error: ValidationError) -> str:
    """`overrides: the first entry` for an entry of a list, else the key."""
    *outer, last = error.absolute_path or ["the configuration"]
    if not isinstance(last, int):
        return ".".join(str(step) for step in (*outer, last))
    entry = f"the {_ORDINALS[last]} entry" if last < len(_ORDINALS) else f"entry {last + 1}"
    return f"{'.'.join(str(step) for step in outer)}: {entry}"


def _suggestion(given: Any, known: Sequence[Any]) -> str:
    names = [str(name) for name in known]
    near = difflib.get_close_matches(str(given), names, n=1, cutoff=0.5)
    return f": did you mean {near[0]}?" if near else f"; valid are {', '.join(names)}"


def _unknown_rules(settings: Mapping[str, Any], prefix: str) -> Iterator[str]:
    for index, entry in enumerate(settings.get("ignore", ())):
        at = f"{prefix}ignore.{index}"
        yield from _unknown(at, entry) if isinstance(entry, str) else _unknown(f"{at}.rule", entry["rule"])
    for index, name in enumerate(settings.get("select", ())):
        yield from _unknown(f"{prefix}select.{index}", name)
    for name in settings.get("severity", ()):
        yield from _unknown(f"{prefix}severity", name)


def _unknown(prefix: str, name: str) -> Iterator[str]:
    try:
        rules_named([name])
    except UsageError as error:
        yield f"{prefix}: {error.message}; {error.hint}"
