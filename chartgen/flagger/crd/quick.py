"""A quick check of values against a schema: exact for what it knows, and honest about the rest.

The jsonschema library takes longer to import than this to check a Canary. It is only needed to explain what is wrong,
and for the few values that Go and JSON Schema read differently.
"""

from __future__ import annotations

import re
from functools import cache
from operator import ge, le
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sized

    # Words of a schema that only some use: word, its value, the instance -> whether the instance is valid.
    Extension = Callable[[Any, Any], bool]

# Annotations, and words that jsonschema doesn't know either.
_IGNORED = frozenset(
    {"default", "description", "title", "$schema", "$id", "examples", "x-elements-not-checked", "format"}
)
_INT_RANGES = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}
# Word -> the type it is about, and whether a length fits.
_LENGTHS: Mapping[str, tuple[type[Sized], Callable[[int, int], bool]]] = {
    "minLength": (str, ge),
    "maxLength": (str, le),
    "minItems": (list, ge),
    "maxItems": (list, le),
    "maxProperties": (dict, le),
}


class UnsureError(Exception):
    """The instance or the schema has something that only the library can judge."""


def is_surely_valid(
    schema: Mapping[str, Any], instance: Any, extensions: Mapping[str, Extension] | None = None
) -> bool:
    """Whether the instance is valid without any doubt; False if it isn't, or if only jsonschema can tell.

    `extensions` judge further words of the schema, each by its value and the instance.
    """
    try:
        return _is_valid(schema, instance, extensions or {})
    except (UnsureError, RecursionError):
        return False


def _is_valid(schema: Any, instance: Any, extensions: Mapping[str, Extension]) -> bool:
    if instance is None or not isinstance(schema, dict):
        raise UnsureError
    return all(_keyword(word, schema, instance, extensions) for word in schema)


def _keyword(word: str, schema: Mapping[str, Any], instance: Any, extensions: Mapping[str, Extension]) -> bool:  # noqa: PLR0911, PLR0912, C901 - one case a keyword
    wanted = schema[word]
    match word:
        case "format":
            return _in_range(wanted, instance)
        case _ if word in _IGNORED:
            return True
        case "type":
            return any(_has_type(name, instance) for name in (wanted if isinstance(wanted, list) else [wanted]))
        case "properties":
            return not isinstance(instance, dict) or all(
                _is_valid(below, instance[name], extensions) for name, below in wanted.items() if name in instance
            )
        case "additionalProperties":
            return _others(schema, instance, extensions)
        case "required":
            return not isinstance(instance, dict) or all(name in instance for name in wanted)
        case "items":
            return not isinstance(instance, list) or all(_is_valid(wanted, item, extensions) for item in instance)
        case _ if word in _LENGTHS:
            kind, fits = _LENGTHS[word]
            return not isinstance(instance, kind) or fits(len(instance), wanted)
        case "minimum":
            return not _is_number(instance) or instance >= wanted
        case "maximum":
            return not _is_number(instance) or instance <= wanted
        case "pattern":
            return not isinstance(instance, str) or _compiled(wanted).search(instance) is not None
        case "enum":
            return _is_one_of(wanted, instance)
        case "oneOf":
            return sum(_is_valid(each, instance, extensions) for each in wanted) == 1
        case "anyOf":
            return any([_is_valid(each, instance, extensions) for each in wanted])  # noqa: C419 - each must be sure
        case "allOf":
            return all(_is_valid(each, instance, extensions) for each in wanted)
        case "not":
            return not _is_valid(wanted, instance, extensions)
        case _ if word in extensions:
            return extensions[word](wanted, instance)
        case _:
            raise UnsureError


def _has_type(name: str, instance: Any) -> bool:
    if isinstance(instance, float) and name == "integer":
        raise UnsureError
    match name:
        case "object":
            return isinstance(instance, dict)
        case "array":
            return isinstance(instance, list)
        case "string":
            return isinstance(instance, str)
        case "boolean":
            return isinstance(instance, bool)
        case "integer" | "number":
            return _is_number(instance)
        case _:
            raise UnsureError


def _others(schema: Mapping[str, Any], instance: Any, extensions: Mapping[str, Extension]) -> bool:
    """`additionalProperties`."""
    if not isinstance(instance, dict):
        return True
    others = [name for name in instance if name not in schema.get("properties", {})]
    allowed = schema["additionalProperties"]
    if isinstance(allowed, bool):
        return allowed or not others
    return all(_is_valid(allowed, instance[name], extensions) for name in others)


def _is_one_of(allowed: list[Any], instance: Any) -> bool:
    equal = [each for each in allowed if each == instance]
    if equal and not any(type(each) is type(instance) for each in equal):
        raise UnsureError  # 1, 1.0 and true
    return bool(equal)


def _in_range(name: str, instance: Any) -> bool:
    if name not in _INT_RANGES or not _is_number(instance):
        return True
    if isinstance(instance, float):
        raise UnsureError
    low, high = _INT_RANGES[name]
    return bool(low <= instance <= high)


def _is_number(instance: Any) -> bool:
    return isinstance(instance, (int, float)) and not isinstance(instance, bool)


def re_of_re2(pattern: str) -> str:
    r"""A Go pattern for Python's `re`: in Go `$` matches only at the end, in Python also before a last line break.

    A `$` in a character class stays a literal.
    """
    return re.sub(r"\\.|\[\^?\]?[^\]]*\]|\$", lambda found: r"\Z" if found[0] == "$" else found[0], pattern)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(re_of_re2(pattern))
