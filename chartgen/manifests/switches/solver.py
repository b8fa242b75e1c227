"""Which assignments make a condition hold, the likeliest first; Helm decides later which are right."""

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
    from collections.abc import Iterable, Iterator

# A setting is one path from the root and its value: ("Values", "canary", "enabled") -> True.
Assignment = dict[tuple[str | int, ...], Any]

# What a boolean that switches something is mostly called.
SWITCH_KEYS = ("enabled", "enable", "create", "active", "on")
_MOST = 64
_DEEPEST = 24
_PAIR, _TERNARY = 2, 3
# Functions whose result is true, or equal to something, when their last argument is.
_TRANSPARENT = frozenset({
    "toString", "quote", "squote", "trim", "lower", "tpl", "toBool", "required", "print", "b64enc", "deepCopy", "int",
    "int64", "toYaml", "fromYaml", "toJson", "fromJson", "first", "last", "join", "uniq", "keys", "values", "any",
})  # fmt: skip


def all_of(branches: Iterable[Branch], known: Environment, depth: int = 0) -> Iterator[Assignment]:
    """Assignment under which every branch is as wanted."""
    pending = list(branches)
    if not pending:
        yield {}
        return
    first, *rest = pending
    for settings in islice(solutions(first.symbol, first.wanted, known, depth + 1), _MOST):
        for others in islice(all_of(rest, known, depth + 1), _MOST):
            joined = _joined(settings, others)
            if joined is not None:
                yield joined


def solutions(symbol: Symbol, wanted: bool, known: Environment, depth: int = 0) -> Iterator[Assignment]:
    """Assignment under which `symbol` is truthy (or falsy)."""
    if depth > _DEEPEST:
        return
    now = value_of(symbol, known)
    if now is not MISSING and bool(now) == wanted:
        yield {}
        return
    match symbol:
        case Ref():
            yield from _reference(symbol, wanted, now)
        case Choice():
            for branches, option in symbol.options:
                yield from all_of((*branches, Branch(option, wanted)), known, depth)
        case FunctionCall():
            yield from _function(symbol, wanted, known, depth)
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


def _function(call: FunctionCall, wanted: bool, known: Environment, depth: int) -> Iterator[Assignment]:  # noqa: C901, PLR0912 - one case per function
    arguments = call.arguments
    match call.name, wanted:
        case ("and", True) | ("or", False):
            yield from all_of((Branch(one, wanted) for one in arguments), known, depth)
        case ("or", True) | ("and", False):
            for one in arguments:
                yield from solutions(one, wanted, known, depth + 1)
        case (("not" | "empty"), _) if arguments:
            yield from solutions(arguments[-1], not wanted, known, depth + 1)
        case ("eq", True) | ("ne", False) if len(arguments) > 1:
            yield from _same(arguments, known, depth)
        case ("eq", False) | ("ne", True) if len(arguments) > 1:
            yield from _different(arguments, known)
        case (("default" | "coalesce"), _):
            yield from solutions(arguments[-1] if call.name == "default" else arguments[0], wanted, known, depth + 1)
        case (("ternary"), _) if len(arguments) == _TERNARY:
            yield from solutions(arguments[2], value_of(arguments[0], known) in (True, "true"), known, depth + 1)
        case (("hasKey"), True) if len(arguments) == _PAIR:
            yield from _key(arguments, known)
        case (("has"), True) if len(arguments) == _PAIR:
            yield from _member(arguments[0], arguments[1], known)
        case (("api"), True) if arguments and isinstance(arguments[0], Const):
            yield {("Capabilities", "APIVersions", arguments[0].value): True}
        case (("include" | "template"), _) if arguments and isinstance(arguments[0], Const):
            yield from _included(call, wanted, known, depth)
        case (("gt" | "ge" | "lt" | "le"), _) if len(arguments) == _PAIR:
            yield from _ordered(call, wanted, known, depth)
        case (("contains" | "hasPrefix" | "hasSuffix" | "regexMatch"), True) if len(arguments) == _PAIR:
            for text in _plain(arguments[0]):
                yield from equal(arguments[1], text, known, depth + 1)
        case (("element" | "key" | "below"), _):
            yield from _elements(call, lambda one: solutions(one, wanted, known, depth + 1), known)
        case (("len"), _):
            yield from solutions(arguments[0], wanted, known, depth + 1)
        case (name, _) if name in _TRANSPARENT and arguments:
            yield from solutions(arguments[-1], wanted, known, depth + 1)
        case _:
            # Asked of Helm by rendering: semverCompare, lookup, kindIs and what is not read here.
            yield {}


def equal(  # noqa: C901, PLR0912 - one case per kind of symbol
    symbol: Symbol, value: Any, known: Environment, depth: int = 0
) -> Iterator[Assignment]:
    """Assignment under which `symbol` is `value`."""
    now = value_of(symbol, known)
    if now is not MISSING and (now == value or str(now) == str(value)) and type(now) is not bool:
        yield {}
        return
    if depth > _DEEPEST:
        return
    match symbol:
        case Ref():
            yield {symbol.path: value}
        case FunctionCall(name="default" | "coalesce"):
            yield from equal(symbol.arguments[-1 if symbol.name == "default" else 0], value, known, depth + 1)
        case FunctionCall(name="include" | "template"):
            yield from _included(symbol, str(value) not in {"", "false"}, known, depth)
        case FunctionCall(name="element" | "key" | "below"):
            yield from _elements(symbol, lambda one: equal(one, value, known, depth + 1), known)
        case FunctionCall() if symbol.name in _TRANSPARENT and symbol.arguments:
            inner = {"true": True, "false": False}.get(value, value) if symbol.name != "print" else value
            yield from equal(symbol.arguments[-1], inner, known, depth + 1)
        case Choice():
            for branches, option in symbol.options:
                for settings in equal(option, value, known, depth + 1):
                    for others in all_of(branches, known, depth + 1):
                        joined = _joined(settings, others)
                        if joined is not None:
                            yield joined
        case FunctionCall():
            yield from solutions(symbol, value not in (False, "false", "", None), known, depth + 1)
        case _:
            return


def _same(arguments: tuple[Symbol, ...], known: Environment, depth: int) -> Iterator[Assignment]:
    """`eq a b …`: a equals any of the others."""
    first, *others = arguments
    for other in others:
        for symbol, against in ((first, other), (other, first)):
            value = value_of(against, known)
            if value is not MISSING and not (isinstance(against, Ref) and value is None):
                yield from equal(symbol, value, known, depth + 1)


def _different(arguments: tuple[Symbol, ...], known: Environment) -> Iterator[Assignment]:
    values = [value_of(one, known) for one in arguments]
    if MISSING not in values and values[0] not in values[1:]:
        yield {}
        return
    for one, value in zip(arguments, values, strict=True):
        if isinstance(one, Ref):
            yield {one.path: (not value) if isinstance(value, bool) else f"{value}-x"}


def _key(arguments: tuple[Symbol, ...], known: Environment) -> Iterator[Assignment]:
    where, key = arguments
    if isinstance(where, Ref) and isinstance(key, Const):
        now = known.at((*where.path, key.value))
        yield {} if now is not MISSING else {(*where.path, key.value): True}


def _member(item: Symbol, where: Symbol, known: Environment) -> Iterator[Assignment]:
    """`has item list`."""
    wanted, listed = value_of(item, known), value_of(where, known)
    if isinstance(where, Collection):
        for _, option in where.items:
            yield from equal(item, value_of(option, known), known)
    elif isinstance(item, Ref) and isinstance(listed, list) and listed:
        for option in listed:
            yield {item.path: option}
    elif isinstance(where, Ref) and wanted is not MISSING:
        yield {where.path: [*(listed if isinstance(listed, list) else []), wanted]}


def _ordered(call: FunctionCall, wanted: bool, known: Environment, depth: int) -> Iterator[Assignment]:
    left, right = call.arguments
    bound = value_of(right, known)
    if isinstance(bound, (int, float)):
        above = (call.name in {"gt", "ge"}) == wanted
        if isinstance(left, FunctionCall) and left.name == "len":
            yield from solutions(left, above, known, depth + 1)
        else:
            yield from equal(left, int(bound) + (1 if above else -1), known, depth + 1)


def _plain(pattern: Symbol) -> list[str]:
    """Texts a simple pattern matches: its alternatives without anchors."""
    if not isinstance(pattern, Const) or not isinstance(pattern.value, str):
        return []
    return [part.strip("^$()") for part in pattern.value.split("|")]


def _included(call: FunctionCall, wanted: bool, known: Environment, depth: int) -> Iterator[Assignment]:
    """A helper prints something under the conditions around one of its outputs."""
    name = call.arguments[0].value if isinstance(call.arguments[0], Const) else None
    dot = call.arguments[1] if len(call.arguments) > 1 else Unknown()
    if not isinstance(name, str):
        return
    for branches, output in outputs_of(known.chart, name, dot):
        if isinstance(output, str):
            says = output.strip().lower() not in {"", "false"}
            if says == wanted:
                yield from all_of(branches, known, depth + 1)
        else:
            yield from all_of((*branches, Branch(output, wanted)), known, depth + 1)


def _elements(call: FunctionCall, then: Any, known: Environment) -> Iterator[Assignment]:
    """Try each element of the list or map a `range` walks."""
    walked = _walked(call)
    if walked is None:
        yield {}
        return
    subject = walked.arguments[0]
    if isinstance(subject, Ref):
        held = known.at(subject.path)
        keys: list[Any] = list(held) if isinstance(held, dict) else []
        keys += range(len(held)) if isinstance(held, list) else []
        chosen = [(Const(key), Ref((*subject.path, key))) for key in keys]
    elif isinstance(subject, Collection):
        chosen = [(Const(key), one) for key, one in subject.items]  # type: ignore[misc]
    else:
        chosen = []
    for key, element in chosen:
        whole = substituted(call, {FunctionCall("element", (subject,)): element, FunctionCall("key", (subject,)): key})
        if whole != call:
            yield from then(whole)


def _walked(symbol: Symbol) -> FunctionCall | None:
    """The innermost `element of X` in a symbol."""
    if not isinstance(symbol, FunctionCall):
        return None
    for one in symbol.arguments:
        found = _walked(one)
        if found:
            return found
    return symbol if symbol.name in {"element", "key"} else None


def _joined(one: Assignment, other: Assignment) -> Assignment | None:
    """Both at once; None where they contradict each other."""
    if any(path in other and other[path] != value for path, value in one.items()):
        return None
    return {**one, **other}
