"""Where a chart spells out a Flagger object, followed through includes up to the files Helm renders."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from chartgen.charts.gotemplate.blocks import GoTemplate, parse
from chartgen.charts.gotemplate.pipelines import Call, Literal, Node, read
from chartgen.errors import InputError
from chartgen.inputs.files import text_of
from chartgen.inputs.yaml import yaml_document
from chartgen.manifests.switches.symbols import Branch, Collection, Ref, Scope, Symbol, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.charts.chart import Chart
    from chartgen.charts.gotemplate.blocks import Block

_DEEPEST = 6
_SUBCHART = re.compile(r"^charts/([^/]+)/")


@dataclass(frozen=True, slots=True)
class Site:
    """One way to a Flagger object: the file that spells it out, the 1-based line, and all that must hold."""

    path: str
    line: int
    branches: tuple[Branch, ...]


def sites(chart: Chart, kind: str = "Canary") -> Iterator[Site]:
    """Every place where the chart's templates, subcharts included, spell out `kind: <kind>`."""
    spelled = re.compile(rf"^[ \t]*kind:[ \t]*[\"']?{kind}\b", re.MULTILINE)
    for path in sorted(chart.files):
        if "templates/" not in path:
            continue
        text = chart.text(path)
        template = parse(text)
        for match in spelled.finditer(text):
            for branches in _ways_to(chart, path, template, match.start(), 0):
                yield Site(path, template.line_of(match.start()), branches)


def _ways_to(
    chart: Chart, path: str, template: GoTemplate, offset: int, depth: int, dot: Symbol | None = None
) -> Iterator[tuple[Branch, ...]]:
    """The conditions on each way to `offset`: those around it, and those around every include of its definition."""
    definition = _definition_at(template, offset)
    if definition is None:
        if not path.rsplit("/", 1)[-1].startswith("_"):
            yield tuple(_around(chart, path, template, offset, dot)[0])
        return
    name, block = definition
    if depth > _DEEPEST:
        return
    for caller, caller_template, start, argument in _calls_of(chart, name):
        for outer_branches in _ways_to(chart, caller, caller_template, start, depth + 1):
            _, scope = _around(chart, caller, caller_template, start, None)
            inner_root = scope.of(argument) if argument is not None else Unknown()
            inside, _ = _entered(template, offset, inner_root, block.opener.end)
            yield (*outer_branches, *inside)


def _around(
    chart: Chart, path: str, template: GoTemplate, offset: int, dot: Symbol | None
) -> tuple[tuple[Branch, ...], Scope]:
    definition = _definition_at(template, offset)
    start = definition[1].opener.end if definition else 0
    root = dot if dot is not None else _root_of(chart, path)
    return _entered(template, offset, root, start)


def _entered(template: GoTemplate, offset: int, root: Symbol, start: int) -> tuple[tuple[Branch, ...], Scope]:
    scope = Scope(template, offset, root, root, start)
    conditions = tuple(one for one in template.conditions_at(offset) if one.opener.start >= start)
    return scope.entered(conditions)


def conditions_in(chart: Chart, path: str) -> Iterator[Branch]:
    """What each `if`, `else if` and `with` of a file asks, wherever it stands in it."""
    template = parse(chart.text(path))
    for block in template.blocks:
        if block.opener.keyword in {"if", "with"}:
            _, scope = _around(chart, path, template, block.opener.start, None)
            yield Branch(scope.symbol(block.opener.expression))


def _definition_at(template: GoTemplate, offset: int) -> tuple[str, Block] | None:
    for name, block in template.definitions():
        if block.opener.end <= offset < block.end.start:
            return name, block
    return None


def _root_of(chart: Chart, path: str) -> Symbol:
    """`.` at the top of a file; in a subchart `.Values` is the parent's key of its name, `global` shared."""
    names = _subchart_names(chart, path)
    if not names:
        return Ref(())
    values = ("Values", *names)
    return Collection((
        ("Values", Ref(values)),
        *((name, Ref((name,))) for name in ("Release", "Capabilities", "Chart", "Template", "Files", "Subcharts")),
    ))  # fmt: skip


def _subchart_names(chart: Chart, path: str) -> tuple[str, ...]:
    names: list[str] = []
    rest = path
    while match := _SUBCHART.match(rest):
        names.append(_alias(chart, path[: len(path) - len(rest)], match[1]))
        rest = rest[match.end() :]
    return tuple(names)


def _alias(chart: Chart, parent: str, name: str) -> str:
    """The key under which the parent holds the subchart's values: its `alias:`, else its name."""
    for declared in _dependencies(chart, parent):
        if declared.get("name") == name and declared.get("alias"):
            return str(declared["alias"])
    return name


def _dependencies(chart: Chart, parent: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for file in ("Chart.yaml", "requirements.yaml"):
        if parent + file in chart.files:
            try:
                read_file = yaml_document(text_of(chart.files[parent + file], file))
            except InputError:
                continue
            declared = read_file.get("dependencies") if isinstance(read_file, dict) else None
            found += [one for one in declared if isinstance(one, dict)] if isinstance(declared, list) else []
    return found


def dependency_conditions(chart: Chart, path: str) -> tuple[Branch, ...]:
    """`condition:` and `tags:` of Chart.yaml around a subchart's file."""
    match = _SUBCHART.match(path)
    for declared in _dependencies(chart, "") if match else ():
        if match and declared.get("name") == match[1] and declared.get("condition"):
            first = str(declared["condition"]).split(",")[0].strip()
            return (Branch(Ref(("Values", *first.split(".")))),)
    return ()


@lru_cache(maxsize=64)
def _texts(chart_files: tuple[tuple[str, bytes], ...]) -> tuple[tuple[str, GoTemplate], ...]:
    return tuple((path, parse(data.decode("utf-8", errors="surrogateescape"))) for path, data in chart_files)


def _templates(chart: Chart) -> tuple[tuple[str, GoTemplate], ...]:
    return _texts(tuple((path, chart.files[path]) for path in sorted(chart.files) if "templates/" in path))


def _calls_of(chart: Chart, name: str) -> Iterator[tuple[str, GoTemplate, int, Node | None]]:
    """Every `include "name" X` and `template "name" X`: file, template, offset, X."""
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
    """What the named template prints: (conditions around, text or printed symbol) of each piece."""
    for _, template in _templates(chart):
        for defined, block in template.definitions():
            if defined == name:
                return list(_outputs(template, block, dot))
    return []


def _outputs(template: GoTemplate, block: Block, dot: Symbol) -> Iterator[tuple[tuple[Branch, ...], str | Symbol]]:
    start = block.opener.end
    inside = [*template.actions_between(start, block.end.start), block.end]
    for action in inside:
        text = template.text[start : action.start]
        if text.strip():
            branches, _ = _entered(template, start, dot, block.opener.end)
            yield branches, text
        start = action.end
        if not action.keyword and not action.is_comment and not action.assigned:
            branches, scope = _entered(template, action.start, dot, block.opener.end)
            yield branches, scope.symbol(action.body)
