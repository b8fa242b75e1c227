"""A metric's query as Flagger renders it with Go's text/template (pkg/metrics/observers/render.go:RenderQuery).

Go's answers for the same queries are a fixture (tests/flagger/queries/main.go).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from chartgen.charts.gotemplate.blocks import parse
from chartgen.charts.gotemplate.pipelines import read
from chartgen.flagger.query_functions import (
    NotDeterminedError,
    QueryFailsError,
    Scope,
    evaluated,
    is_true,
    printed,
)
from chartgen.flagger.query_templates import fault_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chartgen.charts.gotemplate.blocks import Action, Block, GoTemplate
    from chartgen.flagger.canary import Canary

# Queries have a dozen actions; a chart could nest thousands, or range over variables in ranges without end.
_MOST_ACTIONS, _MOST_STEPS = 200, 2000
_DECLARES = re.compile(r"\$\w+\s*:=")
_BLANKS = " \t\r\n"


class RenderedQuery(NamedTuple):
    """A query's text, or why Flagger can't render it. Both are None if chartgen doesn't know what Go prints.

    `missing` is the variable that the query reads and the metric doesn't set, if that is the fault.
    """

    text: str | None = None
    fault: str | None = None
    missing: str | None = None


def rendered_query(query: str, model: Mapping[str, str], variables: Mapping[str, Any]) -> RenderedQuery:
    """What Flagger makes of a query.

    `model` has the results of its functions: name, namespace, target, service, ingress, route, interval. `variables`
    are the metric's templateVariables.
    """
    fault = fault_of(query)
    if fault:
        return RenderedQuery(fault=fault)
    functions = {**model, "variables": variables}
    try:
        return RenderedQuery("".join(_Renderer(parse(query)).whole(Scope(None, functions))))
    except QueryFailsError as error:
        return RenderedQuery(fault=str(error), missing=error.missing)
    except NotDeterminedError:
        return RenderedQuery()


def query_model(canary: Canary, interval: str) -> dict[str, str]:
    """The results of Flagger's functions for a metric (scheduler_metrics.go:toMetricModel)."""
    names = canary.names
    return {
        "name": names.canary,
        "namespace": names.namespace,
        "target": names.target,
        "service": names.apex,
        "ingress": canary.ingress or names.target,
        "route": canary.route or names.target,
        "interval": interval,
    }


class _Renderer:
    """Prints a template, block by block."""

    def __init__(self, template: GoTemplate) -> None:
        self._template = template
        self._blocks = {block.opener.start: block for block in template.blocks}
        self._trims_after = {action.end for action in template.actions if action.trims_right}
        self._trims_before = {action.start for action in template.actions if action.trims_left}
        self._left = _MOST_STEPS

    def whole(self, scope: Scope) -> Iterator[str]:
        if len(self._template.actions) > _MOST_ACTIONS:
            raise NotDeterminedError
        return self._between(0, len(self._template.text), scope)

    def _between(self, start: int, end: int, scope: Scope) -> Iterator[str]:
        """What the text of [start, end) prints; it begins after an action or the start, and ends before one."""
        at = start
        for action in list(self._template.actions_between(start, end)):
            if action.start < at:
                continue  # inside a block that was printed
            yield self._plain(at, action.start)
            block = self._blocks.get(action.start)
            if block is not None:
                yield from self._block(block, scope)
                at = block.end.end
            else:
                yield self._action(action, scope)
                at = action.end
        yield self._plain(at, end)

    def _plain(self, start: int, end: int) -> str:
        """The text between two actions, trimmed as they say."""
        text = self._template.text[start:end]
        text = text.lstrip(_BLANKS) if start in self._trims_after else text
        return text.rstrip(_BLANKS) if end in self._trims_before else text

    def _action(self, action: Action, scope: Scope) -> str:
        self._left -= 1
        if self._left < 0 or action.keyword:
            raise NotDeterminedError
        if action.is_comment:
            return ""
        pipeline = read(action.body)
        value = evaluated(pipeline.value, scope)
        if not pipeline.names:
            return printed(value)
        if len(pipeline.names) > 1:
            raise NotDeterminedError
        scope.assign(pipeline.names[0], value, declared=_DECLARES.match(action.body) is not None)
        return ""

    def _block(self, block: Block, scope: Scope) -> Iterator[str]:
        self._left -= 1
        if self._left < 0 or block.opener.keyword not in {"if", "with", "range"}:
            raise NotDeterminedError
        if block.opener.keyword == "range":
            yield from self._range(block, scope)
            return
        openers = (block.opener, *block.elses)
        ends = (*(each.start for each in block.elses), block.end.start)
        inner = scope.inner()
        for opener, end in zip(openers, ends, strict=True):
            kind = opener.body.split()[1:2] if opener.keyword == "else" else [opener.keyword]
            if not kind or self._is_taken(opener, inner, is_with=kind == ["with"]):
                yield from self._between(opener.end, end, inner)
                return

    def _is_taken(self, opener: Action, scope: Scope, *, is_with: bool) -> bool:
        """Whether a branch is taken; `with` sets the dot of its scope."""
        pipeline = read(opener.expression)
        value = evaluated(pipeline.value, scope)
        if len(pipeline.names) == 1:
            scope.assign(pipeline.names[0], value, declared=True)
        if is_with and is_true(value):
            scope.dot = value
        return is_true(value)

    def _range(self, block: Block, scope: Scope) -> Iterator[str]:
        pipeline = read(block.opener.expression)
        over = evaluated(pipeline.value, scope)
        if not isinstance(over, dict) or len(block.elses) > 1:
            raise NotDeterminedError
        first_else = block.elses[0] if block.elses else block.end
        for key in sorted(over):
            inner = scope.inner()
            inner.dot = over[key]
            # `$value := range`, and `$key, $value := range`.
            found = (over[key],) if len(pipeline.names) == 1 else (key, over[key])
            for name, value in zip(pipeline.names, found, strict=False):
                inner.assign(name, value, declared=True)
            yield from self._between(block.opener.end, first_else.start, inner)
        if not over and block.elses:
            yield from self._between(first_else.end, block.end.start, scope.inner())
