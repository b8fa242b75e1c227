"""Template text that can be moved: a value as the chart writes it, with what it needs to mean the same elsewhere."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chartgen.charts.gotemplate.blocks import Condition, GoTemplate, parse, variables_in

if TYPE_CHECKING:
    from chartgen.charts.chart import Chart
    from chartgen.charts.gotemplate.blocks import Action
    from chartgen.manifests.tracing.origin import Origin

_MAX_CARRIED = 12
_MAX_NESTED_INCLUDES = 4
_CALL = re.compile(r'^(?:include|template)\s+("[^"]+(?:values|setup|init)[^"]*")\s+\.$')


@dataclass(frozen=True, slots=True)
class Expression:
    """`text` stands for a YAML value; `prelude` are the assignments it reads, `conditions` the `if`s it stands under.

    All three are written for the top of a template file, where the dot is the chart's root.
    """

    text: str
    prelude: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()

    def within(self, outer: tuple[str, ...]) -> Expression:
        """The same expression for a place that stands under the `outer` conditions already."""
        inner = tuple(condition for condition in self.conditions if condition not in outer)
        return Expression(self.text, self.prelude, inner)

    @property
    def texts(self) -> tuple[str, ...]:
        """All template text of the expression, for finding the values it reads."""
        return (self.text, *self.prelude, *self.conditions)


class ImmovableError(Exception):
    """The text means something only where it stands: a verdict of `carry`, never shown as a failure by itself."""


def carry(chart: Chart, origin: Origin, site: str | None = None) -> Expression:
    """The value at `origin`, movable to the top of another template; raises ImmovableError with the reason.

    `site` is the file below the chart that Helm renders it from, where that is another one (`include`).
    """
    template = parse(chart.text(origin.path))
    around = template.conditions_at(origin.start)
    text, conditions = _moved(origin.text, around)
    scope = _scope_start(template, origin.start)
    prelude = _assignments(template, scope, origin.start, [text, *conditions])
    outer: Expression = Expression("")
    if any(condition.kind == "define" for condition in around):
        outer = _include_site(chart, site or origin.path, _definition_at(template, origin.start))
    return Expression(text, (*outer.prelude, *prelude), (*outer.conditions, *conditions))


def _moved(text: str, around: tuple[Condition, ...]) -> tuple[str, list[str]]:
    """The text with its `with`s around it, and the conditions it stands under, outermost first."""
    conditions: list[str] = []
    dots_changed = False
    for condition in around:
        if condition.kind in {"range", "block"}:
            raise ImmovableError(f"it stands inside `{{{{ {condition.opener.body} }}}}`")
        if condition.kind == "define":
            continue
        if dots_changed:
            raise ImmovableError("it stands under a condition inside `with`")
        conditions.append(condition_text(condition))
        if condition.kind == "with" and condition.expression:
            dots_changed = True
    innermost = [condition for condition in around if condition.kind == "with" and condition.expression]
    for condition in reversed(innermost):
        text = f"{{{{ with {condition.expression} }}}}{text}{{{{ end }}}}"
    return text, [_without_binding(condition) for condition in conditions]


def _without_binding(condition: str) -> str:
    """`$x := .Values.y` as a condition of its own: `.Values.y`."""
    return re.sub(r"^\$\w+\s*:=\s*", "", condition)


def condition_text(condition: Condition) -> str:
    """The branch as one expression: its own, and none of those before it."""
    negated = [f"(not ({excluded}))" for excluded in condition.excluded]
    if not negated:
        return condition.expression
    if not condition.expression and len(negated) == 1:
        return f"not ({condition.excluded[0]})"
    own = [f"({condition.expression})"] if condition.expression else []
    return " ".join(["and", *negated, *own])


def _include_site(chart: Chart, site: str, name: str, depth: int = 0) -> Expression:
    """The conditions around `include "name"` in the file `site`, through named templates between them."""
    call = re.compile(rf'(?:include|template)\s+"{re.escape(name)}"')
    paths = [site, *(path for path in chart.files if path.endswith(".tpl"))]
    for path in dict.fromkeys(paths):
        template = parse(chart.text(path)) if path in chart.files else None
        match = template and call.search(template.text)
        if not template or not match:
            continue
        around = template.conditions_at(match.start())
        _, conditions = _moved("", around)
        prelude = _assignments(template, _scope_start(template, match.start()), match.start(), conditions)
        outer = Expression("")
        inside = any(condition.kind == "define" for condition in around)
        if inside and depth < _MAX_NESTED_INCLUDES:
            outer = _include_site(chart, site, _definition_at(template, match.start()), depth + 1)
        if inside:
            prelude = (*_called_before(template, match.start()), *prelude)
        return Expression("", (*outer.prelude, *prelude), (*outer.conditions, *conditions))
    return Expression("")


def _called_before(template: GoTemplate, offset: int) -> tuple[str, ...]:
    """What the named template around `offset` calls for its effect on the values before it comes there.

    Library charts merge their defaults into `.Values` that way (`{{- include "common.values.setup" . }}`).
    """
    start = _scope_start(template, offset)
    own = {condition.opener for condition in template.conditions_at(offset)}
    calls = (
        action
        for action in template.actions_between(start, offset)
        if _CALL.match(action.body) and {one.opener for one in template.conditions_at(action.start)} <= own
    )
    return tuple(_CALL.sub(r"$_ := include \1 .", action.body) for action in calls)


def _definition_at(template: GoTemplate, offset: int) -> str:
    return next(name for name, block in template.definitions() if block.opener.end <= offset < block.end.start)


def _scope_start(template: GoTemplate, offset: int) -> int:
    """Where variables visible at `offset` can begin: its named template's start, or the file's."""
    inside = [block for _, block in template.definitions() if block.opener.end <= offset < block.end.start]
    return max((block.opener.end for block in inside), default=0)


def assignments_into(template: GoTemplate, start: int, end: int) -> tuple[str, ...]:
    """The assignments before `start` that the text `[start, end)` reads; raises ImmovableError."""
    texts = [action.body for action in template.actions_between(start, end)]
    own = frozenset(name for action in template.actions_between(start, end) for name in action.assigned)
    bound = frozenset().union(*(_bound(action) for action in template.actions_between(start, end)))
    reads = frozenset().union(*(variables_in(text) for text in texts)) - own - bound
    return _assignments(template, 0, start, [f"${name}" for name in sorted(reads)])


def _bound(action: Action) -> frozenset[str]:
    """Variables that `with $x := …`, `if $x := …` or `range $k, $v := …` binds."""
    if action.keyword not in {"with", "if", "range"} or ":=" not in action.expression:
        return frozenset()
    return variables_in(action.expression.split(":=", 1)[0])


def _assignments(template: GoTemplate, start: int, end: int, texts: list[str]) -> tuple[str, ...]:
    """The assignments between `start` and `end` that `texts` read, in order, with those they read themselves."""
    wanted = frozenset().union(*(variables_in(text) for text in texts))
    wanted -= frozenset().union(*(_bound(action) for text in texts for action in parse(text).actions))
    carried: list[Action] = []
    for action in reversed(list(template.actions_between(start, end))):
        if not wanted.intersection(action.assigned):
            continue
        if _is_conditional(template, action, end):
            raise ImmovableError(f"`{{{{ {action.body} }}}}` stands under conditions of its own")
        carried.append(action)
        reads = variables_in(action.expression.split("=", 1)[1])
        # `$x = f $x` needs the assignment before it too.
        wanted = (wanted - set(action.assigned) if ":=" in action.body else wanted) | reads
        if len(carried) > _MAX_CARRIED:
            raise ImmovableError("it reads too many variables")
    if wanted:
        raise ImmovableError(f"it reads ${min(wanted)}, which is set by no assignment before it")
    return tuple(action.body for action in reversed(carried))


def _is_conditional(template: GoTemplate, action: Action, seen_from: int) -> bool:
    """Whether the assignment stands in a branch that the place reading it is not in."""
    here = {condition.opener for condition in template.conditions_at(seen_from)}
    return any(condition.opener not in here for condition in template.conditions_at(action.start))
