"""How Go's text/template reads a metric's query in Flagger (pkg/metrics/observers/render.go:RenderQuery)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from chartgen.charts.gotemplate.blocks import parse
from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

# pkg/apis/flagger/v1beta1/metric.go:TemplateFunctions
VARIABLES = ("name", "namespace", "target", "service", "ingress", "route", "interval", "variables")
_FUNCTIONS = frozenset(
    {*VARIABLES, "and", "break", "call", "continue", "else", "end", "eq", "false", "ge", "gt", "html", "if", "index"}
    | {"js", "le", "len", "lt", "ne", "nil", "not", "or", "print", "printf", "println", "range", "slice", "true"}
    | {"urlquery", "with", "define", "template", "block"}
)
_ACTION = lazy_pattern(
    r"\{\{(?P<body>/\*.*?\*/|-\s+/\*.*?\*/\s+-|(?:\"(?:[^\"\\\n]|\\.)*\"|`[^`]*`|(?!\}\}).)*)\}\}", re.DOTALL
)
_TOKEN = lazy_pattern(
    r"(?P<text>\"(?:[^\"\\]|\\.)*\"|`[^`]*`|'(?:[^'\\]|\\.)+')|(?P<number>[+-]?\.?\d[\w.]*)"
    r"|(?P<declared>\$\w+\s*(?:,\s*\$\w+\s*)?:=)|(?P<variable>\$\w*(?:\.\w+)*)"
    r"|(?P<name>[A-Za-z_]\w*)(?P<fields>(?:\.\w+)*)|(?P<field>(?:\.\w+)+)|(?P<sign>:=|[|(),=]|\.(?!\w))|(?P<bad>\S)"
)


def fault_of(query: str) -> str | None:
    """Why Flagger can't render a query, whatever the metric; None if it can (observers/render.go:RenderQuery)."""
    declared: set[str] = set()
    nested = False
    for body in _bodies(query):
        for match in _TOKEN.finditer(body):
            declared |= set(re.findall(r"\$\w+", match["declared"] or ""))
            nested = nested or match["name"] in {"range", "with", "define"}
            fault = _fault(match, declared, nested=nested)
            if fault:
                return fault
    if "{{" in _ACTION.sub("", query):
        return "an action isn't closed with }}"
    return None if parse(query).sound else "if, with, range and end don't match"


def _bodies(query: str) -> Iterator[str]:
    """What is between the braces of each action, without trim markers and comments."""
    for match in _ACTION.finditer(query):
        body = re.sub(r"\s-$", "", re.sub(r"^-\s", "", match["body"])).strip()
        if not body.startswith("/*"):
            yield body


def _fault(match: re.Match[str], declared: set[str], *, nested: bool) -> str | None:
    name, variable = match["name"], match["variable"]
    if match["bad"]:
        return f"{match['bad']} isn't allowed there"
    if name and name not in _FUNCTIONS:
        return f"{name} is no function of Flagger's"
    if name and match["fields"] and name != "variables":
        return f"{name} has no field {match['fields'][1:]}"
    if variable and variable != "$" and variable.split(".")[0] not in {*declared, "$"}:
        return f"variable {variable} isn't declared"
    if not nested and (match["field"] or (variable or "").startswith("$.")):
        return f"{match['field'] or variable} has no value, because queries get no data"
    return None
