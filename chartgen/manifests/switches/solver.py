"""Assignments of values that make a condition true or false, the likeliest first; Helm verifies them afterwards."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

from chartgen.manifests.switches.environment import MISSING, Environment, value_of
from chartgen.manifests.switches.sites import outputs_of
from chartgen.manifests.switches.symbols import (
    Branch,
    Choice,
    Collection,
    Const,
    FunctionCall,
    Ref,
    Symbol,
    Unknown,
    substituted,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

# Paths from the root and their values: ("Values", "canary", "enabled") -> True.
Assignment = dict[tuple[str | int, ...], Any]

# Common names of booleans that switch something.
SWITCH_KEYS = ("enabled", "enable", "create", "active", "on")
_MOST = 64
_DEEPEST = 24
# Python's own stack bounds how many can be met together.
_MOST_BRANCHES = 80
_PAIR, _TERNARY = 2, 3
# Functions whose result is truthy, or equal to a value, if their last argument is.
_TRANSPARENT = frozenset({
    "toString", "quote", "squote", "trim", "lower", "tpl", "toBool", "required", "print", "b64enc", "deepCopy", "int",
    "int64", "toYaml", "fromYaml", "toJson", "fromJson", "first", "last", "join", "uniq", "keys", "values", "any",
})  # fmt: skip


def all_of(branches: Iterable[Branch], environment: Environment, depth: int = 0) -> Iterator[Assignment]:
    """Assignments for which every branch is taken."""
    pending = list(branches)
    if not pending:
        yield {}
        return
    if len(pending) > _MOST_BRANCHES or not environment.budget.take():
        return
    first, *rest = pending
    for assignment in islice(solutions(first.symbol, first.wanted, environment, depth + 1), _MOST):
        for others in islice(all_of(rest, environment, depth), _MOST):
            joined = _joined(assignment, others)
            if joined is not None:
                yield joined


def solutions(symbol: Symbol, wanted: bool, environment: Environment, depth: int = 0) -> Iterator[Assignment]:
    """Assignments for which `symbol` is truthy, or falsy if not `wanted`."""
    if depth > _DEEPEST or not environment.budget.take():
        return
    now = value_of(symbol, environment)
    if now is not MISSING and bool(now) == wanted:
        yield {}
        return
    match symbol:
        case Ref():
            yield from _reference(symbol, wanted, now)
        case Choice():
            for branches, option in symbol.options:
                yield from all_of((*branches, Branch(option, wanted)), environment, depth)
        case FunctionCall():
            yield from _function(symbol, wanted, environment, depth)
        case Unknown():
            yield {}
        case _:
            return


def _reference(ref: Ref, wanted: bool, now: Any) -> Iterator[Assignment]:
    if ref.path[:1] != ("Values",) or len(ref.path) == 1:
        yield {}
        return
    if not wanted:
        yield {ref.path: {dict: {}, list: [], str: "", int: 0}.get(type(now), False)}
        return
    match now:
        case str():
            yield {ref.path: "true"}
            yield {ref.path: True}
        case list():
            yield {ref.path: ["chartgen"]}
        case dict():
            yield {(*ref.path, "enabled"): True}
        case int() if not isinstance(now, bool):
            yield {ref.path: 1}
        case _:
            yield {ref.path: True}
            if now is None and ref.path[-1] not in SWITCH_KEYS:
                yield {(*ref.path, "enabled"): True}


def _function(call: FunctionCall, wanted: bool, environment: Environment, depth: int) -> Iterator[Assignment]:  # noqa: C901, PLR0912 - one case per function
    arguments = call.arguments
    match call.name, wanted:
        case ("and", True) | ("or", False):
            yield from all_of((Branch(argument, wanted) for argument in arguments), environment, depth)
        case ("or", True) | ("and", False):
            for argument in arguments:
                yield from solutions(argument, wanted, environment, depth + 1)
        case (("not" | "empty"), _) if arguments:
            yield from solutions(arguments[-1], not wanted, environment, depth + 1)
        case ("eq", True) | ("ne", False) if len(arguments) > 1:
            yield from _equal_arguments(arguments, environment, depth)
        case ("eq", False) | ("ne", True) if len(arguments) > 1:
            yield from _unequal_arguments(arguments, environment)
        case (("default" | "coalesce"), _):
            yield from solutions(
                arguments[-1] if call.name == "default" else arguments[0], wanted, environment, depth + 1
            )
        case (("ternary"), _) if len(arguments) == _TERNARY:
            yield from solutions(
                arguments[2], value_of(arguments[0], environment) in (True, "true"), environment, depth + 1
            )
        case (("hasKey"), True) if len(arguments) == _PAIR:
            yield from _key(arguments, environment)
        case (("has"), True) if len(arguments) == _PAIR:
            yield from _member(arguments[0], arguments[1], environment)
        case (("api"), True) if arguments and isinstance(arguments[0], Const):
            yield {("Capabilities", "APIVersions", arguments[0].value): True}
        case (("include" | "template"), _) if arguments and isinstance(arguments[0], Const):
            yield from _included(call, wanted, environment, depth)
        case (("gt" | "ge" | "lt" | "le"), _) if len(arguments) == _PAIR:
            yield from _ordered(call, wanted, environment, depth)
        case (("contains" | "hasPrefix" | "hasSuffix" | "regexMatch"), True) if len(arguments) == _PAIR:
            for text in _matching_texts(arguments[0]):
                yield from equal(arguments[1], text, environment, depth + 1)
        case (("element" | "key" | "below"), _):
            yield from _elements(call, lambda element: solutions(element, wanted, environment, depth + 1), environment)
        case (("len"), _):
            yield from solutions(arguments[0], wanted, environment, depth + 1)
        case (name, _) if name in _TRANSPARENT and arguments:
            yield from solutions(arguments[-1], wanted, environment, depth + 1)
        case _:
            # Only Helm can decide by rendering: semverCompare, lookup, kindIs, and all other functions.
            yield {}


def equal(  # noqa: C901, PLR0912 - one case per kind of symbol
    symbol: Symbol, value: Any, environment: Environment, depth: int = 0
) -> Iterator[Assignment]:
    """Assignments for which `symbol` equals `value`."""
    now = value_of(symbol, environment)
    if now is not MISSING and (now == value or str(now) == str(value)) and type(now) is not bool:
        yield {}
        return
    if depth > _DEEPEST:
        return
    match symbol:
        case Ref():
            yield {symbol.path: value}
        case FunctionCall(name="default" | "coalesce"):
            yield from equal(symbol.arguments[-1 if symbol.name == "default" else 0], value, environment, depth + 1)
        case FunctionCall(name="include" | "template"):
            yield from _included(symbol, str(value) not in {"", "false"}, environment, depth)
        case FunctionCall(name="element" | "key" | "below"):
            yield from _elements(symbol, lambda element: equal(element, value, environment, depth + 1), environment)
        case FunctionCall() if symbol.name in _TRANSPARENT and symbol.arguments:
            argument = {"true": True, "false": False}.get(value, value) if symbol.name != "print" else value
            yield from equal(symbol.arguments[-1], argument, environment, depth + 1)
        case Choice():
            for branches, option in symbol.options:
                for assignment in equal(option, value, environment, depth + 1):
                    for others in all_of(branches, environment, depth + 1):
                        joined = _joined(assignment, others)
                        if joined is not None:
                            yield joined
        case FunctionCall():
            yield from solutions(symbol, value not in (False, "false", "", None), environment, depth + 1)
        case _:
            return


def _equal_arguments(arguments: tuple[Symbol, ...], environment: Environment, depth: int) -> Iterator[Assignment]:
    """`eq a b …`: a equals any of the others."""
    first, *others = arguments
    for other in others:
        for symbol, compared in ((first, other), (other, first)):
            value = value_of(compared, environment)
            if value is not MISSING and not (isinstance(compared, Ref) and value is None):
                yield from equal(symbol, value, environment, depth + 1)


def _unequal_arguments(arguments: tuple[Symbol, ...], environment: Environment) -> Iterator[Assignment]:
    values = [value_of(argument, environment) for argument in arguments]
    if MISSING not in values and values[0] not in values[1:]:
        yield {}
        return
    for argument, value in zip(arguments, values, strict=True):
        if isinstance(argument, Ref):
            yield {argument.path: (not value) if isinstance(value, bool) else f"{value}-x"}


def _key(arguments: tuple[Symbol, ...], environment: Environment) -> Iterator[Assignment]:
    mapping, key = arguments
    if isinstance(mapping, Ref) and isinstance(key, Const):
        now = environment.at((*mapping.path, key.value))
        yield {} if now is not MISSING else {(*mapping.path, key.value): True}


def _member(item: Symbol, collection: Symbol, environment: Environment) -> Iterator[Assignment]:
    """`has item list`."""
    value, items = value_of(item, environment), value_of(collection, environment)
    if isinstance(collection, Collection):
        for _, option in collection.items:
            yield from equal(item, value_of(option, environment), environment)
    elif isinstance(item, Ref) and isinstance(items, list) and items:
        for option in items:
            yield {item.path: option}
    elif isinstance(collection, Ref) and value is not MISSING:
        yield {collection.path: [*(items if isinstance(items, list) else []), value]}


def _ordered(call: FunctionCall, wanted: bool, environment: Environment, depth: int) -> Iterator[Assignment]:
    left, right = call.arguments
    bound = value_of(right, environment)
    if isinstance(bound, (int, float)):
        above = (call.name in {"gt", "ge"}) == wanted
        if isinstance(left, FunctionCall) and left.name == "len":
            yield from solutions(left, above, environment, depth + 1)
        else:
            yield from equal(left, int(bound) + (1 if above else -1), environment, depth + 1)


def _matching_texts(pattern: Symbol) -> list[str]:
    """Texts that a simple pattern matches: its alternatives without anchors."""
    if not isinstance(pattern, Const) or not isinstance(pattern.value, str):
        return []
    return [part.strip("^$()") for part in pattern.value.split("|")]


def _included(call: FunctionCall, wanted: bool, environment: Environment, depth: int) -> Iterator[Assignment]:
    """Solutions for a named template: the conditions around one of its outputs are true."""
    name = call.arguments[0].value if isinstance(call.arguments[0], Const) else None
    dot = call.arguments[1] if len(call.arguments) > 1 else Unknown()
    if not isinstance(name, str):
        return
    for branches, output in outputs_of(environment.chart, name, dot):
        if isinstance(output, str):
            is_true = output.strip().lower() not in {"", "false"}
            if is_true == wanted:
                yield from all_of(branches, environment, depth + 1)
        else:
            yield from all_of((*branches, Branch(output, wanted)), environment, depth + 1)


def _elements(
    call: FunctionCall, solve: Callable[[Symbol], Iterator[Assignment]], environment: Environment
) -> Iterator[Assignment]:
    """The solutions for each element of the list or map that a `range` iterates over."""
    element_call = _element_call(call)
    if element_call is None:
        yield {}
        return
    subject = element_call.arguments[0]
    elements: list[tuple[Symbol, Symbol]] = []
    if isinstance(subject, Ref):
        value = environment.at(subject.path)
        keys: list[Any] = list(value) if isinstance(value, dict) else []
        keys += range(len(value)) if isinstance(value, list) else []
        elements = [(Const(key), Ref((*subject.path, key))) for key in keys]
    elif isinstance(subject, Collection):
        elements = [(Const(key), symbol) for key, symbol in subject.items]
    for key, element in elements:
        replaced: dict[Symbol, Symbol] = {
            FunctionCall("element", (subject,)): element,
            FunctionCall("key", (subject,)): key,
        }
        substitution = substituted(call, replaced)
        if substitution != call:
            yield from solve(substitution)


def _element_call(symbol: Symbol) -> FunctionCall | None:
    """The innermost `element of X` or `key of X` in a symbol."""
    if not isinstance(symbol, FunctionCall):
        return None
    for argument in symbol.arguments:
        found = _element_call(argument)
        if found:
            return found
    return symbol if symbol.name in {"element", "key"} else None


def _joined(assignment: Assignment, other: Assignment) -> Assignment | None:
    """Both assignments together, None if they contradict each other."""
    if any(path in other and other[path] != value for path, value in assignment.items()):
        return None
    return {**assignment, **other}
