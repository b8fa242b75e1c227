"""PromQL as its parser reads it: what a query returns, and what it looks at.

The parser is promql-parser, which has no wheel for every platform: without it, nothing is parsed, and lint says so.
Go's own parser judges the same queries in tests/rules/test_promql.py.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

# Functions of Prometheus 2 that Prometheus 3 renamed: the queries of either are queries.
_RENAMED = {"holt_winters": "double_exponential_smoothing"}
# pkg/metrics/providers/prometheus.go:trimQuery
_SPACE = lazy_pattern(r"\s+")
_SETS = ("and", "or", "unless")
_TYPES = {"NumberLiteral": "scalar", "StringLiteral": "string", "MatrixSelector": "matrix", "SubqueryExpr": "matrix"}
_STRING = lazy_pattern(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|`(?P<raw>[^`]*)`")


# The parser recurses without a limit: parentheses by the thousand, from a chart, would end the process.
MOST_OPERATIONS = 250
_LONGEST = 32 * 1024
_NESTING = lazy_pattern(r"[(\[{+*/%^<>=!-]|\b(?:and|or|unless|atan2)\b", re.IGNORECASE)


class Parsed(NamedTuple):
    """A query's expression, or why it is none. Both are None if there is no parser, or if the query is `too_large`."""

    expression: Any = None
    error: str | None = None
    too_large: bool = False


def parser_is_missing() -> bool:
    """Whether queries can't be parsed, because promql-parser isn't installed."""
    try:
        import promql_parser  # noqa: F401
    except ImportError:
        return True
    return False


@lru_cache(maxsize=256)
def parsed(query: str) -> Parsed:
    """A rendered query as Prometheus parses it. Flagger sends it in one line, so a comment ends with the query."""
    text = _SPACE.sub(" ", query)
    if parser_is_missing():
        return Parsed()
    import promql_parser

    if len(text) > _LONGEST or len(_NESTING.findall(_STRING.sub("", text))) > MOST_OPERATIONS:
        return Parsed(too_large=True)
    for old, new in _RENAMED.items():
        text = re.sub(rf"\b{old}(?=\s*\()", new, text)
    # The parser reads escapes in raw strings too, which Prometheus doesn't.
    text = _STRING.sub(lambda match: match[0] if match["raw"] is None else json.dumps(match["raw"]), text)
    try:
        expression = promql_parser.parse(text)
    except ValueError as error:
        return Parsed(error=str(error))
    if any(name_of(each) == "VectorSelector" and each.matchers.or_matchers for each in all_of(expression)):
        return Parsed(error="or between label matchers, which only VictoriaMetrics knows")
    return Parsed(expression)


def name_of(expression: Any) -> str:
    """The kind of an expression: `Call`, `AggregateExpr`, `BinaryExpr`, `VectorSelector`, …"""
    return type(expression).__name__


def children(expression: Any) -> Iterator[Any]:
    """The expressions directly inside one; a matrix selector has its vector selector."""
    for key in ("lhs", "rhs", "expr", "vector_selector"):
        inner = getattr(expression, key, None)
        if inner is not None:
            yield inner
    yield from getattr(expression, "args", ())
    parameter = getattr(expression, "param", None)
    if parameter is not None:
        yield parameter


def all_of(expression: Any) -> Iterator[Any]:
    """The expression and everything inside it, outermost first."""
    yield expression
    for inner in children(expression):
        yield from all_of(inner)


def bare(expression: Any) -> Any:
    """The expression without the parentheses around it."""
    while name_of(expression) == "ParenExpr":
        expression = expression.expr
    return expression


def result_type(expression: Any) -> str:
    """What an instant query returns: `scalar`, `string`, `vector` or `matrix`."""
    expression = bare(expression)
    name = name_of(expression)
    if name == "UnaryExpr":
        return result_type(expression.expr)
    if name == "BinaryExpr":
        both = {result_type(expression.lhs), result_type(expression.rhs)}
        return "scalar" if both == {"scalar"} else "vector"
    if name == "Call":
        return str(expression.func.return_type).rsplit(".", 1)[-1].lower()
    return _TYPES.get(name, "vector")


def operator(expression: Any) -> str:
    """The operator of a binary expression (`/`, `or`, `>`), or of an aggregation (`sum`)."""
    return str(expression.op).split(" ", maxsplit=1)[0]


def is_set_operation(expression: Any) -> bool:
    return name_of(expression) == "BinaryExpr" and operator(expression) in _SETS


def matchers_of(selector: Any) -> Iterator[tuple[str, str, str]]:
    """The matchers of a vector selector as label, operator and value."""
    for matcher in selector.matchers.matchers:
        yield matcher.name, str(matcher.op).rsplit(".", 1)[-1], matcher.value


def number_in(expression: Any) -> float | None:
    """The number that an expression is; None if it isn't written as one."""
    expression = bare(expression)
    if name_of(expression) == "UnaryExpr":
        value = number_in(expression.expr)
        return None if value is None else -value
    return float(expression.val) if name_of(expression) == "NumberLiteral" else None
