"""The API server's schema validation of a custom resource: the jsonschema library, adapted to Go.

It follows k8s.io/kube-openapi/pkg/validation/validate where that differs from JSON Schema: a number is an int64 or a
float64, a float can be a valid integer, patterns are RE2, and only type and enum apply to a null. Only the integer
formats are checked: the server ignores `string` and `url`, and only `status` has `date-time`.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from chartgen.flagger.crd.fields import structural_schema
from chartgen.flagger.crd.quick import UnsureError, is_surely_valid, re_of_re2
from chartgen.flagger.crd.wording import violation_message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from jsonschema import FormatChecker, TypeChecker, ValidationError
    from jsonschema.protocols import Validator

    from chartgen.flagger.crd.fields import Node
    from chartgen.flagger.crd.quick import Extension
    from chartgen.manifests.manifest import Route

_INT_RANGES = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}

# swag.IsFloat64AJSONInteger: the largest float that counts as an integer, and how near to one it must be.
_LARGEST_JSON_INTEGER = float(2**53 - 1)
_NEAR_INTEGER = 1e-9


def _port_of_service(self: Mapping[str, Any]) -> str | None:
    if self.get("group") != "" or self.get("kind") != "Service":
        return None
    if "port" not in self:
        return "a reference to a Service needs a port"
    # The server's CEL rejects a float for an integer, although the schema validation accepts it.
    return f"the port {self['port']} must be written as an integer" if isinstance(self["port"], float) else None


# The CEL rules that chartgen words itself: rule -> the violation in an object, if any. The others are evaluated.
CEL_RULES: dict[str, Callable[[Mapping[str, Any]], str | None]] = {
    "(size(self.group) == 0 && self.kind == 'Service') ? has(self.port) : true": _port_of_service,
}


def _int_or_string(is_one: bool, instance: Any) -> bool:
    if isinstance(instance, float) or not is_one:
        raise UnsureError
    return isinstance(instance, (int, str)) and not isinstance(instance, bool)


def _follows_cel(rules: list[Node], instance: Any) -> bool:
    return not any(_broken_rule(rule, instance) for rule in rules)


def _has_unique_keys(keys: list[str], instance: Any) -> bool:
    return not any(True for _ in _repeated(keys, instance))


# The words that JSON Schema doesn't have.
EXTENSIONS: Mapping[str, Extension] = {
    "x-kubernetes-int-or-string": _int_or_string,
    "x-kubernetes-validations": _follows_cel,
    "x-kubernetes-list-map-keys": _has_unique_keys,
    # How objects are merged and pruned, and nulls, of which the quick check is never sure.
    **dict.fromkeys(("nullable", "x-kubernetes-list-type", "x-kubernetes-preserve-unknown-fields"), lambda _, __: True),
}


def schema_violations(document: Mapping[str, Any], kind: str, release: str) -> Iterator[tuple[Route, str]]:
    """The route and a message for each violation of the kind's schema.

    For a value of the wrong type the server also reports all its other violations; this function doesn't.
    """
    if not is_surely_valid(structural_schema(kind, release), document, EXTENSIONS):
        yield from violations(_validator(kind, release), document)


def violations(validator: Validator, document: Any) -> Iterator[tuple[Route, str]]:
    """The route and a message for each violation of a schema, see `validator_of`: it says what is wrong."""
    errors = [_innermost(error) for error in validator.iter_errors(document)]
    mistyped = {tuple(error.absolute_path) for error in errors if error.validator == "type"}
    for error in errors:
        route: Route = tuple(error.absolute_path)
        if error.validator == "type" or route not in mistyped:
            yield route, violation_message(error)


def _innermost(error: ValidationError) -> ValidationError:
    """For a `oneOf` with one branch that fails for more than missing keys, the error in that branch."""
    deeper = [inner for inner in error.context or () if inner.validator == error.validator == "oneOf"]
    return deeper[0] if len(deeper) == 1 else error


@cache
def _validator(kind: str, release: str) -> Validator:
    return validator_of(structural_schema(kind, release))


def validator_of(schema: Node) -> Validator:
    """The API server's check of a structural schema."""
    from jsonschema import Draft7Validator, validators

    keywords = {
        **{word: _of_no_null(Draft7Validator.VALIDATORS[word]) for word in ("oneOf", "anyOf", "not")},
        "required": _required,
        "x-kubernetes-validations": _cel,
        "x-kubernetes-list-map-keys": _unique_keys,
    }
    # The stubs of jsonschema leave `extend` untyped.
    extend: Callable[..., Callable[..., Validator]] = validators.extend
    as_server = extend(Draft7Validator, keywords, type_checker=_go_types(Draft7Validator.TYPE_CHECKER))
    return as_server(_as_json_schema(schema), format_checker=_integer_formats())


def _as_json_schema(node: Any) -> Any:
    """A structural schema as a JSON Schema."""
    if isinstance(node, list):
        return [_as_json_schema(item) for item in node]
    if not isinstance(node, dict):
        return node
    converted = {word: _as_json_schema(value) for word, value in node.items()}
    if converted.pop("x-kubernetes-int-or-string", False) is True:
        converted["type"] = ["integer", "string"]
    for word, bound in (("exclusiveMaximum", "maximum"), ("exclusiveMinimum", "minimum")):
        # OpenAPI 3.0 keeps draft 4's booleans.
        if converted.pop(word, False) is True:
            converted[word] = converted.pop(bound)
    if isinstance(converted.get("pattern"), str):
        converted["pattern"] = re_of_re2(converted["pattern"])
    return converted


def _go_types(checker: TypeChecker) -> TypeChecker:
    return checker.redefine_many({"integer": _is_integer, "number": _is_number})


def _is_number(_: Any, value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_integer(_: Any, value: Any) -> bool:
    """typeValidator.Validate: an int64, or a float that is or nearly is an integer."""
    if not isinstance(value, float):
        return _is_number(_, value)
    if abs(value) > _LARGEST_JSON_INTEGER:
        return False
    return value.is_integer() or 0 < value - int(value) < _NEAR_INTEGER * (value + int(value))


def _integer_formats() -> FormatChecker:
    from jsonschema import FormatChecker

    checker = FormatChecker(formats=())
    for name, (low, high) in _INT_RANGES.items():
        checker.checks(name)(_within(low, high))
    return checker


def _within(low: int, high: int) -> Callable[[object], bool]:
    """values.go:IsValueValidAgainstRange: a value of an integer type must also be a whole number in range."""
    return lambda value: not _is_number(None, value) or (float(value).is_integer() and low <= value <= high)  # type: ignore[arg-type,operator]


def _of_no_null(keyword: Callable[..., Iterator[ValidationError]]) -> Callable[..., Iterator[ValidationError]]:
    """schema.go:SchemaValidator.Validate: for a null, only type and enum apply."""

    def check(validator: Any, value: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
        return iter(()) if instance is None else keyword(validator, value, instance, schema)

    return check


def _required(_: Any, names: list[str], instance: Any, __: Node) -> Iterator[ValidationError]:
    """Like the server, report the missing field's route, not its parent's."""
    from jsonschema import ValidationError

    if isinstance(instance, dict):
        yield from (ValidationError("is required", path=(name,)) for name in names if name not in instance)


def _cel(_: Any, rules: list[Node], instance: Any, __: Node) -> Iterator[ValidationError]:
    from jsonschema import ValidationError

    wrong = [_broken_rule(rule, instance) for rule in rules] if instance is not None else []
    yield from (ValidationError(words) for words in wrong if words)


def _broken_rule(rule: Node, instance: Any) -> str | None:
    from chartgen.flagger.crd.cel import compiled

    if rule["rule"] in CEL_RULES:
        return CEL_RULES[rule["rule"]](instance) if isinstance(instance, dict) else None
    return None if compiled(rule["rule"])(instance) else str(rule.get("message") or f"breaks the rule {rule['rule']}")


def _unique_keys(_: Any, keys: list[str], instance: Any, __: Node) -> Iterator[ValidationError]:
    """Entries of a list of type `map` must differ in their keys."""
    from jsonschema import ValidationError

    for index in _repeated(keys, instance):
        yield ValidationError(f"has the same {', '.join(keys)} as an entry before", path=(index,))


def _repeated(keys: list[str], instance: Any) -> Iterator[int]:
    """The entries of a list that have the keys of an entry before."""
    seen: list[list[Any]] = []
    for index, entry in enumerate(instance if isinstance(instance, list) else ()):
        value = [entry.get(key) for key in keys] if isinstance(entry, dict) else [entry]
        if value in seen:
            yield index
        seen.append(value)
