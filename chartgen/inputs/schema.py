"""Untrusted JSON Schemas, validated in bounded time.

Python's regular expressions can take exponential time, so patterns run in RE2, which takes linear time and rejects
lookaround and backreferences. A schema whose references each use the next one twice takes exponential time itself, so
the steps of a validation are limited.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from chartgen.errors import InputError
from chartgen.inputs.limits import SCHEMA_STEPS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from jsonschema import ValidationError
    from jsonschema.protocols import Validator
    from referencing import Registry

    Keyword = Callable[[Any, Any, Any, Any], Iterator[ValidationError] | None]

_HINT = "correct the schema"


class BoundedSchema:
    """A validator with a limited number of steps per validation."""

    def __init__(self, draft: type[Validator], schema: Any, registry: Registry[Any] | None = None) -> None:
        """`draft` is the validator class of jsonschema; references resolve only in `registry`."""
        from referencing import Registry

        self._steps = _Steps()
        self._validator = _bounded(draft, self._steps)(schema, registry=Registry() if registry is None else registry)

    def iter_errors(self, instance: Any) -> Iterator[ValidationError]:
        """As Validator.iter_errors; InputError if it takes too many steps or refers to itself."""
        self._steps.left = SCHEMA_STEPS
        try:
            yield from self._validator.iter_errors(instance)
        except RecursionError as error:
            raise InputError("nested too deep, or a $ref refers to itself", hint=_HINT) from error


class _Steps:
    left = SCHEMA_STEPS

    def count(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise InputError(f"takes more than {SCHEMA_STEPS:,} steps to check one object", hint=_HINT)


def refuse_patterns(schema: Any) -> None:
    """Raise InputError for a pattern that RE2 doesn't support, or a keyword that would bypass RE2."""
    todo: list[Any] = [schema]
    keywords: set[str] = set()
    while todo:
        node = todo.pop()
        if isinstance(node, dict):
            keywords |= node.keys()
            patterns = node.get("patternProperties")
            for pattern in [node.get("pattern"), *(patterns if isinstance(patterns, dict) else ())]:
                if isinstance(pattern, str):
                    _compiled(pattern)
            todo += node.values()
        elif isinstance(node, list):
            todo += node
    if {"unevaluatedProperties", "patternProperties"} <= keywords:
        raise InputError("unevaluatedProperties together with patternProperties is not supported", hint=_HINT)


def without_dialects(schema: Any) -> Any:
    """The schema without `$schema`, which would make jsonschema switch to an unbounded validator."""
    if isinstance(schema, dict):
        return {
            key: without_dialects(value)
            for key, value in schema.items()
            if not (key == "$schema" and isinstance(value, str))
        }
    return [without_dialects(value) for value in schema] if isinstance(schema, list) else schema


def _bounded(draft: type[Validator], steps: _Steps) -> type[Validator]:
    from jsonschema import validators

    keywords: dict[str, Keyword] = {
        **draft.VALIDATORS,
        "pattern": _pattern,
        "patternProperties": _pattern_properties,
        "additionalProperties": _additional_properties,
    }
    # The stubs of jsonschema leave `extend` untyped.
    extend: Callable[..., type[Validator]] = validators.extend
    return extend(draft, {word: _counted(check, steps) for word, check in keywords.items() if word in draft.VALIDATORS})


def _counted(check: Keyword, steps: _Steps) -> Keyword:
    def counted(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        steps.count()
        yield from check(validator, value, instance, schema) or ()

    return counted


@cache
def _compiled(pattern: str) -> Any:
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0].decode("utf-8", "replace") if isinstance(error.args[0], bytes) else str(error)
        raise InputError(
            f"the pattern {pattern!r} cannot be used: {reason}",
            hint="write it without lookaround and backreferences (RE2 syntax, as Kubernetes takes it)",
        ) from error


def _matches(pattern: str, text: str) -> bool:
    return _compiled(pattern).search(text) is not None


def _pattern(validator: Any, pattern: str, instance: Any, _: Any) -> Iterator[ValidationError]:
    from jsonschema import ValidationError

    if validator.is_type(instance, "string") and not _matches(pattern, instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


def _pattern_properties(validator: Any, patterns: Any, instance: Any, _: Any) -> Iterator[ValidationError]:
    if validator.is_type(instance, "object"):
        for pattern, inner in patterns.items():
            for name, value in instance.items():
                if _matches(pattern, name):
                    yield from validator.descend(value, inner, path=name, schema_path=pattern)


def _additional_properties(validator: Any, inner: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
    from jsonschema import ValidationError

    if not validator.is_type(instance, "object"):
        return
    patterns = schema.get("patternProperties", {})
    extras = [
        name
        for name in instance
        if name not in schema.get("properties", {}) and not any(_matches(pattern, name) for pattern in patterns)
    ]
    if validator.is_type(inner, "object"):
        for name in extras:
            yield from validator.descend(instance[name], inner, path=name)
    elif not inner and extras:
        names = ", ".join(repr(name) for name in sorted(extras))
        yield ValidationError(
            f"Additional properties are not allowed ({names} {'was' if len(extras) == 1 else 'were'} unexpected)"
        )
