"""The conditions around a chart's Flagger objects: the namespaces they name, and the first one that is false."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from chartgen.charts.gotemplate.blocks import Condition, parse
from chartgen.errors import RenderError
from chartgen.manifests.documents import read_values
from chartgen.manifests.manifest import value_at
from chartgen.manifests.probe import PROBE, with_probe
from chartgen.manifests.switches.kinds import kind_lines, subchart_keys
from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chartgen.charts.chart import Chart
    from chartgen.helm.engine import Engine
    from chartgen.helm.request import RenderRequest

_NAMESPACE = ".Release.Namespace"
_LITERAL = lazy_pattern(r'"([a-z0-9](?:[-a-z0-9]*[a-z0-9])?)"|`([a-z0-9](?:[-a-z0-9]*[a-z0-9])?)`')
_NAME = lazy_pattern(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?")
# `has .Release.Namespace .Values.a.b`, `eq .Release.Namespace (.Values.a).b`, and the other way round.
_PATH = r"\$?\.Values((?:\)*\.[A-Za-z_]\w*)+)"
_VALUE = lazy_pattern(rf"\.Release\.Namespace\s+\(*(?:[a-z]\w*\s+)?\(*{_PATH}|{_PATH}\s+\$?\.Release\.Namespace")
_INCLUDE = lazy_pattern(r'(?:include|template)\s+"([^"]+)"')
_NOT_TAKEN = {"with": "is empty", "range": "has no items"}


class Gate(NamedTuple):
    """One condition around a Flagger object: the file of the chart, its 1-based line, and the branch.

    `at_root` is False inside a `with`, `range`, or `define`, where `.` may not be the root.
    """

    path: str
    line: int
    condition: Condition
    at_root: bool

    @property
    def description(self) -> str:
        """Where the condition is, and that its branch isn't taken: `templates/canary.yaml:1: {{ if .a }} is false`."""
        state = "takes another branch" if self.condition.excluded else _NOT_TAKEN.get(self.condition.kind, "is false")
        return f"{self.path}:{self.line}: {{{{ {self.condition.opener.body} }}}} {state}"


def gates(chart: Chart, kind: str = "Canary") -> list[Gate]:
    """The conditions around each `kind: <kind>` in the chart's templates, outermost first, each once."""
    return list(dict.fromkeys(_gates(chart, kind)))


def _gates(chart: Chart, kind: str) -> Iterator[Gate]:
    for path, template, offset in kind_lines(chart, kind):
        at_root = True
        for condition in template.conditions_at(offset):
            yield Gate(path, template.line_of(condition.opener.start), condition, at_root)
            at_root = at_root and condition.kind == "if"


def mentions(chart: Chart, kind: str = "Canary") -> bool:
    """Whether any template of the chart or its subcharts contains `kind: <kind>`."""
    return any(True for _ in kind_lines(chart, kind))


def gated_namespaces(engine: Engine, chart: Chart, request: RenderRequest, kind: str = "Canary") -> tuple[str, ...]:
    """The namespaces that the conditions name, in the order of the templates; empty if there are none.

    A condition names them itself, or compares the namespace with a list in the values of this release.
    """
    found = [
        (gate.path, text)
        for gate in gates(chart, kind)
        for expression in (gate.condition.expression, *gate.condition.excluded)
        for text in _with_includes(chart, expression)
        if _NAMESPACE in text
    ]
    values = _values_read(engine, chart, request) if any(_VALUE.search(text) for _, text in found) else {}
    named: dict[str, None] = {}
    for path, text in found:
        named.update(dict.fromkeys([*_names_in(text), *_names_in_values(text, values, subchart_keys(chart, path))]))
    return tuple(named)


def _values_read(engine: Engine, chart: Chart, request: RenderRequest) -> Mapping[str, Any]:
    try:
        return read_values(engine, chart, request)
    except RenderError:
        return {}


def _names_in_values(expression: str, values: Mapping[str, Any], subchart: tuple[str, ...]) -> Iterator[str]:
    """The namespaces in the lists and texts of the values with which an expression compares the release's."""
    for match in _VALUE.finditer(expression):
        path = (match[1] or match[2]).replace(")", "").removeprefix(".").split(".")
        value = value_at(values, (*subchart, *path))
        names = value if isinstance(value, list) else [value]
        yield from (name for name in names if isinstance(name, str) and _NAME.fullmatch(name))


def _with_includes(chart: Chart, expression: str) -> Iterator[str]:
    """The expression and the bodies of the named templates it includes, one level deep."""
    yield expression
    wanted = set(_INCLUDE.findall(expression))
    for path in sorted(chart.files) if wanted else ():
        if "templates/" not in path:
            continue
        template = parse(chart.text(path))
        for name, block in template.definitions():
            if name in wanted:
                yield template.text[block.opener.end : block.end.start]


def _names_in(expression: str) -> Iterator[str]:
    for match in _LITERAL.finditer(expression):
        yield match[1] or match[2]


def closed_gate(engine: Engine, chart: Chart, request: RenderRequest, kind: str = "Canary") -> Gate | None:
    """The first condition around a Flagger object that is false for `request`, None if it can't be determined."""
    for gate in gates(chart, kind):
        if _is_open(engine, chart, request, gate) is False:
            return gate
    return None


def _is_open(engine: Engine, chart: Chart, request: RenderRequest, gate: Gate) -> bool | None:
    """Whether the branch is taken; None if the condition can't be evaluated outside its place."""
    if not gate.at_root:
        return None
    negated = "".join(f"{{{{ if not ({excluded}) }}}}" for excluded in gate.condition.excluded)
    own = f"{{{{ if {gate.condition.expression} }}}}" if gate.condition.expression else ""
    ends = "{{ end }}" * (len(gate.condition.excluded) + bool(own))
    try:
        texts = engine.render(with_probe(chart, f"{negated}{own}open: true{ends}"), request)
    except RenderError:
        return None
    return any("open: true" in text for path, text in texts.items() if path.endswith(PROBE))
