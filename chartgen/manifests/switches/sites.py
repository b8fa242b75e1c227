"""Where a chart's templates contain a Flagger object, followed through includes up to the files that Helm renders."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from chartgen.charts.gotemplate.blocks import GoTemplate, parse
from chartgen.charts.gotemplate.pipelines import Call, Literal, Node, read
from chartgen.manifests.switches.kinds import SUBCHART, declared_dependencies, kind_lines, subchart_keys
from chartgen.manifests.switches.symbols import Branch, Collection, Ref, Scope, Symbol, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.charts.chart import Chart
    from chartgen.charts.gotemplate.blocks import Block

# Reading a condition costs as much as all conditions around it.
_DEEPEST_BLOCK = 100
_DEEPEST = 6


class Site(NamedTuple):
    """One way to render a Flagger object: the file that contains it, its 1-based line, and all conditions around it."""

    path: str
    line: int
    branches: tuple[Branch, ...]


def sites(chart: Chart, kind: str = "Canary") -> Iterator[Site]:
    """Each way to render an object of `kind` from the templates of the chart and its subcharts."""
    for path, template, offset in kind_lines(chart, kind):
        for branches in _ways_to(chart, path, template, offset, 0):
            yield Site(path, template.line_of(offset), branches)


def _ways_to(
    chart: Chart, path: str, template: GoTemplate, offset: int, depth: int, dot: Symbol | None = None
) -> Iterator[tuple[Branch, ...]]:
    """For each way to render `offset`: the conditions around it and around the includes of its named template."""
    definition = _definition_at(template, offset)
    if definition is None:
        if not path.rsplit("/", 1)[-1].startswith("_"):
            yield tuple(_branches_around(chart, path, template, offset, dot)[0])
        return
    name, block = definition
    if depth > _DEEPEST:
        return
    for caller, caller_template, start, argument in _calls_of(chart, name):
        for outer_branches in _ways_to(chart, caller, caller_template, start, depth + 1):
            _, scope = _branches_around(chart, caller, caller_template, start, None)
            inner_root = scope.of(argument) if argument is not None else Unknown()
            inner_branches, _ = _enter(template, offset, inner_root, block.opener.end)
            yield (*outer_branches, *inner_branches)


def _branches_around(
    chart: Chart, path: str, template: GoTemplate, offset: int, dot: Symbol | None
) -> tuple[tuple[Branch, ...], Scope]:
    definition = _definition_at(template, offset)
    start = definition[1].opener.end if definition else 0
    root = dot if dot is not None else _root_of(chart, path)
    return _enter(template, offset, root, start)


def _enter(template: GoTemplate, offset: int, root: Symbol, start: int) -> tuple[tuple[Branch, ...], Scope]:
    scope = Scope(template, offset, root, root, start)
    conditions = tuple(condition for condition in template.conditions_at(offset) if condition.opener.start >= start)
    return scope.entered(conditions)


def conditions_in(chart: Chart, path: str) -> Iterator[Branch]:
    """The condition of each `if` and `with` of a file that is nested as deeply as people nest them."""
    template = parse(chart.text(path))
    depths = template.depths()
    for block in template.blocks:
        if block.opener.keyword in {"if", "with"} and depths[block.opener.start] <= _DEEPEST_BLOCK:
            _, scope = _branches_around(chart, path, template, block.opener.start, None)
            yield Branch(scope.symbol(block.opener.expression))


def _definition_at(template: GoTemplate, offset: int) -> tuple[str, Block] | None:
    for name, block in template.definitions():
        if block.opener.end <= offset < block.end.start:
            return name, block
    return None


def _root_of(chart: Chart, path: str) -> Symbol:
    """`.` at the top of a file. In a subchart, `.Values` is the parent's key with the subchart's name."""
    names = subchart_keys(chart, path)
    if not names:
        return Ref(())
    values = ("Values", *names)
    return Collection((
        ("Values", Ref(values)),
        *((name, Ref((name,))) for name in ("Release", "Capabilities", "Chart", "Template", "Files", "Subcharts")),
    ))  # fmt: skip


def dependency_conditions(chart: Chart, path: str) -> tuple[Branch, ...]:
    """The `condition:` in Chart.yaml that switches the subchart of a file."""
    match = SUBCHART.match(path)
    for dependency in declared_dependencies(chart, "") if match else ():
        if match and dependency.get("name") == match[1] and dependency.get("condition"):
            first = str(dependency["condition"]).split(",")[0].strip()
            return (Branch(Ref(("Values", *first.split(".")))),)
    return ()


@lru_cache(maxsize=64)
def _texts(chart_files: tuple[tuple[str, bytes], ...]) -> tuple[tuple[str, GoTemplate], ...]:
    return tuple((path, parse(data.decode("utf-8", errors="surrogateescape"))) for path, data in chart_files)


def _templates(chart: Chart) -> tuple[tuple[str, GoTemplate], ...]:
    return _texts(tuple((path, chart.files[path]) for path in sorted(chart.files) if "templates/" in path))


def _calls_of(chart: Chart, name: str) -> Iterator[tuple[str, GoTemplate, int, Node | None]]:
    """Every `include "name" X` and `template "name" X`: file, template, offset, and X."""
    for path, template in _templates(chart):
        if name not in template.text:
            continue
        for action in template.actions:
            if f'"{name}"' not in action.body:
                continue
            if action.keyword == "template":
                argument = action.expression.partition('"' + name + '"')[2].strip()
                yield path, template, action.start, read(argument).value if argument else None
            else:
                for call in _includes(read(action.expression).value, name):
                    yield path, template, action.start, call.arguments[1] if len(call.arguments) > 1 else None


def _includes(node: Node, name: str) -> Iterator[Call]:
    if isinstance(node, Call):
        if node.name == "include" and node.arguments and node.arguments[0] == Literal(name):
            yield node
        for argument in node.arguments:
            yield from _includes(argument, name)


def outputs_of(chart: Chart, name: str, dot: Symbol) -> list[tuple[tuple[Branch, ...], str | Symbol]]:
    """What the named template prints, piece by piece: the conditions around it, and its text or symbol."""
    for _, template in _templates(chart):
        for defined_name, block in template.definitions():
            if defined_name == name:
                return list(_outputs(template, block, dot))
    return []


def _outputs(template: GoTemplate, block: Block, dot: Symbol) -> Iterator[tuple[tuple[Branch, ...], str | Symbol]]:
    start = block.opener.end
    for action in (*template.actions_between(start, block.end.start), block.end):
        text = template.text[start : action.start]
        if text.strip():
            branches, _ = _enter(template, start, dot, block.opener.end)
            yield branches, text
        start = action.end
        if not action.keyword and not action.is_comment and not action.assigned:
            branches, scope = _enter(template, action.start, dot, block.opener.end)
            yield branches, scope.symbol(action.body)
