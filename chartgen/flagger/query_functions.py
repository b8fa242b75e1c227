"""Go's text/template in queries: the value of a pipeline, and what it prints (text/template/exec.go, funcs.go)."""

from __future__ import annotations

import json
import re
from collections import ChainMap
from typing import TYPE_CHECKING, Any, Final

from chartgen.charts.gotemplate.pipelines import Call, Dot, Field, Literal, Variable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chartgen.charts.gotemplate.pipelines import Node

_VERB = re.compile(r"%(?P<verb>.?)", re.DOTALL)
# Texts that html, js and urlquery print as they are.
_PLAIN = re.compile(r"[A-Za-z0-9_.-]*")
_ORDER: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "lt": lambda left, right: left < right,
    "le": lambda left, right: left <= right,
    "gt": lambda left, right: left > right,
    "ge": lambda left, right: left >= right,
}


class NotDeterminedError(Exception):
    """What a query prints isn't known here."""


class QueryFailsError(Exception):
    """Flagger fails to render a query, and why; `missing` is the variable that the metric doesn't set."""

    def __init__(self, why: str, missing: str | None = None) -> None:
        super().__init__(why)
        self.missing = missing


class Scope:
    """The dot, the variables, and the functions of Flagger at one place of a template."""

    def __init__(self, dot: Any, functions: Mapping[str, Any], variables: ChainMap[str, Any] | None = None) -> None:
        self.dot = dot
        self.functions = functions
        self._variables: ChainMap[str, Any] = ChainMap() if variables is None else variables

    def inner(self) -> Scope:
        """The scope of a block: what it declares ends with it."""
        return Scope(self.dot, self.functions, self._variables.new_child())

    def assign(self, name: str, value: Any, *, declared: bool) -> None:
        """Set a variable: a new one of this scope if `declared`, else the one that is known."""
        maps = self._variables.maps
        known = maps[0] if declared else next((each for each in maps if name in each), None)
        if known is None:
            raise NotDeterminedError
        known[name] = value

    def variable(self, name: str) -> Any:
        """A variable's value; `$` is the data of the template, and queries have none."""
        if name and name not in self._variables:
            raise NotDeterminedError
        return self._variables.get(name)


def evaluated(node: Node, scope: Scope) -> Any:
    """The value of a pipeline. Raises NotDeterminedError, or QueryFailsError where Go fails, too."""
    match node:
        case Literal() if node.value is not None:
            return node.value
        case Dot():
            return scope.dot
        case Variable():
            return scope.variable(node.name)
        case Field():
            return _field(evaluated(node.of, scope), node.name)
        case Call():
            return _call(node, scope)
        case _:
            raise NotDeterminedError


def is_true(value: Any) -> bool:
    """text/template: empty texts and maps, 0, false and nil are false."""
    return bool(value)


def printed(value: Any) -> str:
    """What an action prints for its value."""
    match value:
        case str():
            return value
        case bool():
            return str(value).lower()
        case int():
            return str(value)
        case None:
            return "<no value>"
        case _:
            raise NotDeterminedError


def _field(value: Any, name: str) -> Any:
    if not isinstance(value, dict):
        raise QueryFailsError(f".{name} has no value, because only variables has fields")
    if name not in value:
        raise QueryFailsError(f"the metric has no templateVariables.{name}", missing=name)
    return _text(value[name])


def _text(value: Any) -> str:
    """A variable's text; the API server accepts no other variables."""
    if not isinstance(value, str):
        raise NotDeterminedError
    return value


def _call(call: Call, scope: Scope) -> Any:
    if call.name in {"and", "or"} and call.arguments:
        return _first(call, scope, wanted=call.name == "or")
    arguments = [evaluated(each, scope) for each in call.arguments]
    if call.name not in scope.functions:
        return _builtin(call.name, arguments)
    if arguments:
        raise QueryFailsError(f"{call.name} takes no argument")
    return scope.functions[call.name]


def _builtin(name: str, arguments: list[Any]) -> Any:  # noqa: PLR0911 - one case per function
    match name, arguments:
        case "not", [value]:
            return not is_true(value)
        case "eq" | "ne", [first, second, *more] if name == "eq" or not more:
            found = any(_equal(first, other) for other in (second, *more))
            return found if name == "eq" else not found
        case "lt" | "le" | "gt" | "ge", [left, right] if type(left) is type(right) and type(left) in {str, int}:
            return _ORDER[name](left, right)
        case "len", [str() as text]:
            return len(text.encode())
        case "len", [dict() as found]:
            return len(found)
        case "index", [dict() as mapping, str() as key]:
            return _text(mapping.get(key, ""))
        case "print" | "println", _ if all(isinstance(each, str) for each in arguments):
            return "".join(arguments) if name == "print" else " ".join(arguments) + "\n"
        case "printf", [str() as layout, *rest]:
            return _formatted(layout, rest)
        case "html" | "js" | "urlquery", [str() as text] if _PLAIN.fullmatch(text):
            return text
        case _:
            raise NotDeterminedError


def _first(call: Call, scope: Scope, *, wanted: bool) -> Any:
    """`and` and `or` stop at the argument that decides."""
    value: Any = None
    for argument in call.arguments:
        value = evaluated(argument, scope)
        if is_true(value) == wanted:
            break
    return value


def _equal(left: Any, right: Any) -> bool:
    if type(left) is not type(right) or isinstance(left, dict):
        raise NotDeterminedError
    return bool(left == right)


def _formatted(layout: str, arguments: list[Any]) -> str:
    left = iter(arguments)

    def verb(match: re.Match[str]) -> str:
        if match["verb"] == "%":
            return "%"
        value = next(left, None)
        if match["verb"] in {"s", "v"} and isinstance(value, str):
            return value
        if match["verb"] in {"d", "v"} and type(value) is int:
            return str(value)
        if match["verb"] == "q" and isinstance(value, str) and value.isascii() and value.isprintable():
            return json.dumps(value)
        raise NotDeterminedError

    text = _VERB.sub(verb, layout)
    if next(left, None) is not None:
        raise NotDeterminedError
    return text
