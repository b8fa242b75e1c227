"""What a template expression refers to: paths from the root, constants, collections, and function calls."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from chartgen.charts.gotemplate.pipelines import Call, Dot, Field, Literal, Node, Unread, Variable, read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chartgen.charts.gotemplate.blocks import Action, Condition, GoTemplate

_DEEPEST = 12


@dataclass(frozen=True, slots=True)
class Ref:
    """A path from the root: `("Values", "canary", "enabled")`; `()` is the root itself."""

    path: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Const:
    """A constant of the template."""

    value: Any


@dataclass(frozen=True, slots=True)
class Collection:
    """`dict "k" v …` as (key, symbol) pairs, or `list …` with indexes as keys."""

    items: tuple[tuple[Any, Symbol], ...]

    def at(self, key: Any) -> Symbol:
        """The symbol at `key`, Unknown if there is none."""
        return next((symbol for name, symbol in self.items if name == key), Unknown())


@dataclass(frozen=True, slots=True)
class FunctionCall:
    """A function call over symbols."""

    name: str
    arguments: tuple[Symbol, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """A variable with several assignments: each value with the branches around it, the last assignment first."""

    options: tuple[tuple[tuple[Branch, ...], Symbol], ...]


@dataclass(frozen=True, slots=True)
class Unknown:
    """An expression that can't be analyzed."""


Symbol = Ref | Const | Collection | FunctionCall | Choice | Unknown


@dataclass(frozen=True, slots=True)
class Branch:
    """One condition on the way: its symbol must be truthy if `wanted`, or falsy for an excluded branch."""

    symbol: Symbol
    wanted: bool = True


@dataclass(frozen=True, slots=True)
class Scope:
    """The meaning of `.`, `$`, and variables at an offset of a template; variables are visible from `start` on."""

    template: GoTemplate
    offset: int
    dot: Symbol
    root: Symbol
    start: int = 0
    depth: int = 0

    def symbol(self, expression: str) -> Symbol:
        """The symbol of the value of `expression`, without the variables it declares."""
        return self.of(read(expression).value)

    def of(self, node: Node) -> Symbol:  # noqa: PLR0911 - one case per kind of node
        """The symbol of one node of an expression."""
        match node:
            case Literal():
                return Const(node.value)
            case Dot():
                return self.dot
            case Variable(name=""):
                return self.root
            case Variable():
                return self._variable(node.name)
            case Field():
                return below(self.of(node.of), node.name)
            case Call():
                return function_call(node.name, tuple(self.of(argument) for argument in node.arguments))
            case Unread():
                return Unknown()

    def _variable(self, name: str) -> Symbol:
        if self.depth > _DEEPEST:
            return Unknown()
        options = []
        for action in reversed(list(self.template.actions_between(self.start, self.offset))):
            declaration = read(action.expression)
            if name not in declaration.names:
                continue
            if action.keyword in {"range", "with", "if"}:
                if self._is_around(action):
                    return self._block_variable(action, declaration.names.index(name), len(declaration.names))
                continue
            at_assignment = replace(self, offset=action.start, depth=self.depth + 1)
            branches, scope = at_assignment.entered(self._conditions_around_only(action))
            options.append((branches, scope.of(declaration.value)))
            if not branches:
                break
        if len(options) == 1 and not options[0][0]:
            return options[0][1]
        return Choice(tuple(options)) if options else Unknown()

    def _is_around(self, action: Action) -> bool:
        return any(block.opener == action and self.offset < block.end.start for block in self.template.blocks)

    def _conditions_around_only(self, action: Action) -> tuple[Condition, ...]:
        """The conditions around an assignment that aren't around this scope's offset too."""
        shared = self.template.conditions_at(self.offset)
        return tuple(condition for condition in self.template.conditions_at(action.start) if condition not in shared)

    def _block_variable(self, action: Action, index: int, count: int) -> Symbol:
        outside = replace(self, offset=action.start, depth=self.depth + 1)
        subject = outside.symbol(action.expression)
        if action.keyword != "range":
            return subject
        return FunctionCall("element", (subject,)) if index == count - 1 else FunctionCall("key", (subject,))

    def entered(self, conditions: tuple[Condition, ...]) -> tuple[tuple[Branch, ...], Scope]:
        """The branches to take to get inside these conditions (outermost first), and the scope inside them."""
        branches: list[Branch] = []
        scope = self
        for condition in conditions:
            if condition.kind in {"define", "block"}:
                continue
            at_opener = replace(scope, offset=condition.opener.start)
            branches += [Branch(at_opener.symbol(text), wanted=False) for text in condition.excluded]
            if condition.expression:
                subject = at_opener.symbol(condition.expression)
                branches.append(Branch(subject))
                if condition.kind == "with":
                    scope = replace(scope, dot=subject)
                elif condition.kind == "range":
                    scope = replace(scope, dot=FunctionCall("element", (subject,)))
        return tuple(branches), scope


def below(symbol: Symbol, name: str | int) -> Symbol:
    """`symbol.name`"""
    match symbol:
        case Ref():
            return Ref((*symbol.path, name))
        case Collection():
            return symbol.at(name)
        case Const() if isinstance(symbol.value, dict):
            return Const(symbol.value.get(name))
        case Unknown() | Const():
            return Unknown()
        case _:
            return FunctionCall("below", (symbol, Const(name)))


def function_call(name: str, arguments: tuple[Symbol, ...]) -> Symbol:
    """The symbol of a call: `dict`, `list`, `index`, `get`, and `dig` are resolved."""
    match name:
        case "dict":
            pairs = zip(arguments[::2], arguments[1::2], strict=False)
            return Collection(tuple((_constant(key), value) for key, value in pairs))
        case "list" | "tuple":
            return Collection(tuple(enumerate(arguments)))
        case "index" | "get" if arguments:
            symbol = arguments[0]
            for key in arguments[1:]:
                symbol = (
                    below(symbol, _constant(key)) if isinstance(key, Const) else FunctionCall("below", (symbol, key))
                )
            return symbol
        case "dig" if arguments[1:]:  # dig "a" "b" DEFAULT map
            symbol = arguments[-1]
            for key in arguments[:-2]:
                symbol = below(symbol, _constant(key))
            return FunctionCall("default", (arguments[-2], symbol))
        case _ if name.endswith(".Has"):
            return FunctionCall("api", arguments[1:])
        case _:
            return FunctionCall(name, arguments)


def _constant(symbol: Symbol) -> Any:
    return symbol.value if isinstance(symbol, Const) else None


def substituted(symbol: Symbol, element: Mapping[Symbol, Symbol]) -> Symbol:
    """The symbol with each `element of X` and `key of X` replaced by its symbol in `element`."""
    if symbol in element:
        return element[symbol]
    match symbol:
        case FunctionCall(name="below"):
            base = substituted(symbol.arguments[0], element)
            key = substituted(symbol.arguments[1], element)
            return below(base, key.value) if isinstance(key, Const) else FunctionCall("below", (base, key))
        case FunctionCall():
            return function_call(symbol.name, tuple(substituted(argument, element) for argument in symbol.arguments))
        case Collection():
            return Collection(tuple((key, substituted(item, element)) for key, item in symbol.items))
        case Choice():
            return Choice(tuple(
                (tuple(Branch(substituted(b.symbol, element), b.wanted) for b in branches), substituted(value, element))
                for branches, value in symbol.options
            ))  # fmt: skip
        case _:
            return symbol
