"""Template expressions that can be moved to another template, with the variables and conditions they depend on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chartgen.canary.range_items import with_dot
from chartgen.charts.gotemplate.blocks import Condition, GoTemplate, parse, variables_in
from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Callable

    from chartgen.canary.range_items import RangeItem
    from chartgen.charts.chart import Chart
    from chartgen.charts.gotemplate.blocks import Action
    from chartgen.manifests.tracing.origin import Origin

_MAX_ASSIGNMENTS = 12
_MAX_NESTED_INCLUDES = 4
_PATH = lazy_pattern(r"[.$][\w.]*")
_SETUP_CALL = lazy_pattern(r'^(?:include|template)\s+("[^"]+(?:values|setup|init)[^"]*")\s+\.$')


@dataclass(frozen=True, slots=True)
class Expression:
    """Template text that renders a YAML value, written for the top of a template file, where `.` is the root.

    `prelude` holds the assignments it reads, `conditions` the `if`s around it, outermost first.
    """

    text: str
    prelude: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()

    def within(self, *outer: Expression) -> Expression:
        """The same expression for use inside the conditions of `outer`, which needn't be repeated.

        A condition is, if its variables have other values there.
        """
        shared = {(condition, each.assignments_of(condition)) for each in outer for condition in each.conditions}
        inner = tuple(
            condition for condition in self.conditions if (condition, self.assignments_of(condition)) not in shared
        )
        return Expression(self.text, self.prelude, inner)

    def assignments_of(self, condition: str) -> tuple[str, ...]:
        """The assignments of the prelude that a condition depends on."""
        needed = variables_in(condition)
        found: list[str] = []
        for assignment in reversed(self.prelude):
            name, _, value = assignment.partition("=")
            if needed & variables_in(name):
                needed |= variables_in(value)
                found.append(assignment)
        return tuple(found)

    @property
    def texts(self) -> tuple[str, ...]:
        """All template text of the expression, from which `value_routes` reads the values it depends on."""
        return (self.text, *self.prelude, *self.conditions)


class ImmovableError(Exception):
    """An expression can't be moved out of its place. Callers handle it; users see its reason in other errors."""


def movable_expression(
    chart: Chart, origin: Origin, rendered_file: str | None = None, item: RangeItem | None = None
) -> Expression:
    """The value at `origin` as an expression for another template; raises ImmovableError with the reason.

    `rendered_file` is the file of the chart that Helm renders, if it includes the file of `origin`. Inside a `range`
    it is the value for `item`.
    """
    template = parse(chart.text(origin.path))
    enclosing = template.conditions_at(origin.start)
    text, conditions = _moved(origin.text, enclosing, item)
    scope = _scope_start(template, origin.start)
    loop = next((condition.opener for condition in enclosing if condition.kind == "range"), None)

    def written(action: Action) -> str:
        return item.written(action.body, loop) if item and loop and action.start > loop.start else action.body

    prelude = _assignments(template, scope, origin.start, [text, *conditions], written)
    outer: Expression = Expression("")
    if any(condition.kind == "define" for condition in enclosing):
        outer = _at_include(chart, rendered_file or origin.path, _definition_at(template, origin.start))
    return Expression(text, (*outer.prelude, *prelude), (*outer.conditions, *conditions))


def _moved(text: str, enclosing: tuple[Condition, ...], item: RangeItem | None = None) -> tuple[str, list[str]]:
    """The text inside its `with` blocks or its `range`, and the conditions around it, outermost first."""
    loop = next((number for number, condition in enumerate(enclosing) if condition.kind == "range"), None)
    if item is not None and loop is not None and item.is_of(enclosing[loop].opener):
        return _moved_for_item(text, enclosing[:loop], enclosing[loop], enclosing[loop + 1 :], item)
    conditions: list[str] = []
    dot: str | None = ""
    for condition in enclosing:
        if condition.kind in {"range", "block"}:
            raise ImmovableError(f"it is inside `{{{{ {condition.opener.body} }}}}`")
        if condition.kind == "define":
            continue
        if dot is None:
            raise ImmovableError("it depends on a condition inside `with`")
        conditions.append(_from_root(condition_text(condition), dot))
        if condition.kind == "with" and condition.expression:
            subject = _from_root(_without_binding(condition.expression), dot)
            dot = subject if _PATH.fullmatch(subject) else None
    with_blocks = [condition for condition in enclosing if condition.kind == "with" and condition.expression]
    for condition in reversed(with_blocks):
        text = f"{{{{ with {condition.expression} }}}}{text}{{{{ end }}}}"
    return text, [_without_binding(condition) for condition in conditions]


def _moved_for_item(
    text: str, outside: tuple[Condition, ...], loop: Condition, inside: tuple[Condition, ...], item: RangeItem
) -> tuple[str, list[str]]:
    """What a `range` with conditions of these kinds around it and in it renders for one item."""
    outside = tuple(condition for condition in outside if condition.kind != "define")
    for condition in (*outside, *inside):
        if condition.kind != "if":
            raise ImmovableError(f"it is inside `{{{{ {loop.opener.body} }}}}` and `{{{{ {condition.opener.body} }}}}`")
    if loop.excluded:
        raise ImmovableError(f"it is in the `else` of `{{{{ {loop.opener.body} }}}}`")
    conditions = [condition_text(condition) for condition in outside]
    conditions += [item.condition] if item.condition else []
    conditions += [item.written(condition_text(condition), loop.opener) for condition in inside]
    return item.written_text(text, loop.opener), [_without_binding(condition) for condition in conditions]


def _from_root(expression: str, dot: str) -> str:
    """An expression inside `with dot`, written for the place of that `with`; an empty `dot` is the root itself."""
    return with_dot(expression, dot) if dot else expression


def _without_binding(condition: str) -> str:
    """`$x := .Values.y` without its variable: `.Values.y`."""
    return re.sub(r"^\$\w+\s*:=\s*", "", condition)


def condition_text(condition: Condition) -> str:
    """The branch as one expression: its own condition is true, and all those before it are false."""
    negated = [f"(not ({excluded}))" for excluded in condition.excluded]
    if not negated:
        return condition.expression
    if not condition.expression and len(negated) == 1:
        return f"not ({condition.excluded[0]})"
    own = [f"({condition.expression})"] if condition.expression else []
    return " ".join(["and", *negated, *own])


def _at_include(chart: Chart, rendered_file: str, name: str, depth: int = 0) -> Expression:
    """The conditions and assignments around `include "name"`, followed up to the file that Helm renders."""
    call = re.compile(rf'(?:include|template)\s+"{re.escape(name)}"')
    paths = [rendered_file, *(path for path in chart.files if path.endswith(".tpl"))]
    for path in dict.fromkeys(paths):
        template = parse(chart.text(path)) if path in chart.files else None
        match = template and call.search(template.text)
        if not template or not match:
            continue
        enclosing = template.conditions_at(match.start())
        _, conditions = _moved("", enclosing)
        prelude = _assignments(template, _scope_start(template, match.start()), match.start(), conditions)
        outer = Expression("")
        in_definition = any(condition.kind == "define" for condition in enclosing)
        if in_definition and depth < _MAX_NESTED_INCLUDES:
            outer = _at_include(chart, rendered_file, _definition_at(template, match.start()), depth + 1)
        if in_definition:
            prelude = (*_setup_calls_before(template, match.start()), *prelude)
        return Expression("", (*outer.prelude, *prelude), (*outer.conditions, *conditions))
    return Expression("")


def _setup_calls_before(template: GoTemplate, offset: int) -> tuple[str, ...]:
    """The includes before `offset`, in the same named template, that change the values.

    Library charts merge their defaults into `.Values` this way (`{{- include "common.values.setup" . }}`).
    """
    start = _scope_start(template, offset)
    enclosing = {condition.opener for condition in template.conditions_at(offset)}
    calls = (
        action
        for action in template.actions_between(start, offset)
        if _SETUP_CALL.match(action.body)
        and {condition.opener for condition in template.conditions_at(action.start)} <= enclosing
    )
    return tuple(_SETUP_CALL.sub(r"$_ := include \1 .", action.body) for action in calls)


def _definition_at(template: GoTemplate, offset: int) -> str:
    return next(name for name, block in template.definitions() if block.opener.end <= offset < block.end.start)


def _scope_start(template: GoTemplate, offset: int) -> int:
    """The start of the named template around `offset`, or of the file: variables are visible from there."""
    definitions = [block for _, block in template.definitions() if block.opener.end <= offset < block.end.start]
    return max((block.opener.end for block in definitions), default=0)


def assignments_before(template: GoTemplate, opener: Action, expression: str) -> tuple[str, ...]:
    """The assignments before a block that an expression of its condition reads; raises ImmovableError."""
    return _assignments(template, _scope_start(template, opener.start), opener.start, [expression])


def assignments_into(template: GoTemplate, start: int, end: int, openers: str = "") -> tuple[str, ...]:
    """The assignments before `start` that the text `[start, end)` or `openers` reads; raises ImmovableError."""
    texts = [action.body for action in (*parse(openers).actions, *template.actions_between(start, end))]
    assigned = frozenset(name for action in template.actions_between(start, end) for name in action.assigned)
    declared = frozenset().union(*(_block_variables(action) for action in template.actions_between(start, end)))
    reads = frozenset().union(*(variables_in(text) for text in texts)) - assigned - declared
    return _assignments(template, 0, start, [f"${name}" for name in sorted(reads)])


def _block_variables(action: Action) -> frozenset[str]:
    """The variables that `with $x := …`, `if $x := …`, or `range $k, $v := …` declares."""
    if action.keyword not in {"with", "if", "range"} or ":=" not in action.expression:
        return frozenset()
    return variables_in(action.expression.split(":=", 1)[0])


def _body(action: Action) -> str:
    return action.body


def _assignments(
    template: GoTemplate, start: int, end: int, texts: list[str], written: Callable[[Action], str] = _body
) -> tuple[str, ...]:
    """The assignments between `start` and `end` that `texts` depend on, directly or through others, in order."""
    needed = frozenset().union(*(variables_in(text) for text in texts))
    needed -= frozenset().union(*(_block_variables(action) for text in texts for action in parse(text).actions))
    assignments: list[str] = []
    for action in reversed(list(template.actions_between(start, end))):
        if not needed.intersection(action.assigned):
            continue
        if _is_conditional(template, action, end):
            raise ImmovableError(f"`{{{{ {action.body} }}}}` has conditions of its own")
        assignments.append(written(action))
        reads = variables_in(assignments[-1].split("=", 1)[1])
        # `$x = f $x` needs the assignment before it too.
        needed = (needed - set(action.assigned) if ":=" in action.body else needed) | reads
        if len(assignments) > _MAX_ASSIGNMENTS:
            raise ImmovableError("it reads too many variables")
    if needed:
        raise ImmovableError(f"it reads ${min(needed)}, which isn't assigned before it")
    return tuple(reversed(assignments))


def _is_conditional(template: GoTemplate, action: Action, offset: int) -> bool:
    """Whether the assignment is in a branch that doesn't contain `offset`, where it is read."""
    enclosing = {condition.opener for condition in template.conditions_at(offset)}
    return any(condition.opener not in enclosing for condition in template.conditions_at(action.start))
