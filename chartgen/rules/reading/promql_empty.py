"""What a query returns while Prometheus has no sample for any of its selectors: no requests, or a misspelled name."""

from __future__ import annotations

import math
from operator import add, mul, sub
from typing import TYPE_CHECKING, Any

from chartgen.rules.reading.promql import bare, is_set_operation, name_of, operator, result_type

if TYPE_CHECKING:
    from collections.abc import Callable

_FILTERS: dict[str, Callable[[float, float], bool]] = {
    "==": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    ">": lambda left, right: left > right,
    "<": lambda left, right: left < right,
    ">=": lambda left, right: left >= right,
    "<=": lambda left, right: left <= right,
}


def value_without_samples(expression: Any) -> float | None:
    """The number that a query returns without samples; None if it returns nothing, or what isn't known here."""
    expression = bare(expression)
    name = name_of(expression)
    if name == "NumberLiteral":
        return float(expression.val)
    if name == "UnaryExpr":
        value = value_without_samples(expression.expr)
        return None if value is None else -value
    if name == "Call":
        return _of_call(expression)
    if name == "AggregateExpr":
        # Of at most one series, these are its own value.
        return value_without_samples(expression.expr) if operator(expression) in {"sum", "avg", "min", "max"} else None
    return _of_binary(expression) if name == "BinaryExpr" else None


def _of_call(call: Any) -> float | None:
    function, arguments = call.func.name, list(call.args)
    if function == "vector":
        return value_without_samples(arguments[0])
    if function in {"absent", "absent_over_time"}:
        return 1.0 if value_without_samples(arguments[0]) is None else None
    if function == "scalar":
        value = value_without_samples(arguments[0])
        return math.nan if value is None else value
    return None


def _of_binary(binary: Any) -> float | None:
    left, right = value_without_samples(binary.lhs), value_without_samples(binary.rhs)
    how = operator(binary)
    if is_set_operation(binary):
        return _of_set(how, left, right)
    if left is None or right is None:
        return None
    if how in _FILTERS:
        as_number = result_type(binary) == "scalar" or (binary.modifier and binary.modifier.return_bool)
        holds = _FILTERS[how](left, right)
        return float(holds) if as_number else left if holds else None
    return _ARITHMETIC[how](left, right) if how in _ARITHMETIC else None


def _of_set(how: str, left: float | None, right: float | None) -> float | None:
    if how == "or":
        return right if left is None else left
    return left if (right is None) == (how == "unless") else None


def _divided(left: float, right: float) -> float:
    return left / right if right else math.nan if not left else math.copysign(math.inf, left)


_ARITHMETIC: dict[str, Callable[[float, float], float]] = {"+": add, "-": sub, "*": mul, "/": _divided}
