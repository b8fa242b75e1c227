"""Expressions for the Canary's fields that render the chart's own value in every release compared."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chartgen.canary.expression import Expression, ImmovableError, movable_expression
from chartgen.charts.gotemplate.blocks import parse
from chartgen.errors import ProofError
from chartgen.manifests.manifest import Route, value_at
from chartgen.manifests.probe import with_probe
from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from chartgen.canary.range_items import RangeItem
    from chartgen.charts.chart import Chart
    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering
    from chartgen.manifests.tracing.origin import Origin, Origins
    from chartgen.proof.renderer import Renderer
    from chartgen.proof.variations import Variation

_NAME: Route = ("metadata", "name")
_PROBE_NAME = "chartgen.probe"
_NAME_HELPER = lazy_pattern(r"name", re.IGNORECASE)
_MOST_HELPERS = 20


@dataclass(frozen=True, slots=True)
class FieldExpression:
    """A field of the Canary's `spec.service`: its key and the chart's own expression for it."""

    key: str
    expression: Expression


@dataclass(frozen=True, slots=True)
class ExpressionQuery:
    """A value to find an expression for: the field that holds it, and how to read it from any rendering of the chart.

    `expected` returns None for a rendering without the object; any expression is right there. `label` names the value
    in messages.
    """

    label: str
    manifest: Manifest
    route: Route
    expected: Callable[[Rendering], Any]


@dataclass(frozen=True, slots=True)
class WantedExpression:
    """A query with the origins and values of the rendering that contains its object."""

    query: ExpressionQuery
    origins: Origins
    values: Mapping[str, Any]


class ExpressionFinder:
    """Finds expressions for rendered values and tests them with Helm in all variations."""

    def __init__(
        self, renderer: Renderer, chart: Chart, variations: tuple[Variation, ...], item: RangeItem | None = None
    ) -> None:
        self._renderer = renderer
        self._chart = chart
        self._variations = variations
        self._item = item
        # By variation, which its label names.
        self._answers: dict[tuple[_Question, str], Any] = {}
        self._alone: dict[_Question, Chart] = {}

    def find(self, query: ExpressionQuery, origins: Origins, values: Mapping[str, Any]) -> Expression | None:
        """The first candidate that renders the expected value in every variation, None if there is none."""
        for candidate in self.candidates(query, origins, values):
            if self.holds(candidate, query):
                return candidate
        return None

    def require(self, query: ExpressionQuery, origins: Origins, values: Mapping[str, Any]) -> Expression:
        """`find`, or a ProofError that says why the chart's own expression can't be moved."""
        found = self.find(query, origins, values)
        if found:
            return found
        manifest = query.manifest
        raise ProofError(
            f"{manifest.template}: can't find an expression that renders {query.label} of {manifest.kind}"
            f" {manifest.name} in every release: {self._reason(query, origins)}",
            hint=self._hint(query, origins),
        )

    def candidates(self, query: ExpressionQuery, origins: Origins, values: Mapping[str, Any]) -> Iterator[Expression]:
        """The chart's own expression first, then named templates and values that render the same value now."""
        value = query.manifest.get(query.route)
        own = self._own_expression(query, origins)
        if own:
            yield own
        if query.route == _NAME:
            conditions = self._conditions_of(origins, query.manifest)
            for helper in _name_helpers(self._chart)[:_MOST_HELPERS]:
                yield Expression(f'{{{{ include "{helper}" . }}}}', (), conditions)
            if own:
                # A name inside `range` may depend on any value, so an expression from the release name is no use.
                yield from self._from_release_name(str(value), conditions)
        for route in _routes_to(values, value):
            yield Expression(f"{{{{ {values_expression(route)} }}}}")

    def _own_expression(self, query: ExpressionQuery, origins: Origins) -> Expression | None:
        origin = origins.of(query.manifest, query.route)
        if origin is None:
            return None
        try:
            return movable_expression(self._chart, origin, template_path(query.manifest), self._item)
        except ImmovableError:
            return None

    def value_of(self, expression: Expression) -> Any:
        """What Helm renders for an expression in the first variation, None if it can't."""
        return self._answer(_Question(expression), self._variations[0])

    def _conditions_of(self, origins: Origins, manifest: Manifest) -> tuple[str, ...]:
        origin = origins.of(manifest, ("kind",))
        if origin is None:
            return ()
        try:
            return movable_expression(self._chart, origin, template_path(manifest), self._item).conditions
        except ImmovableError:
            return ()

    def ask_together(self, wanted: Iterable[WantedExpression]) -> None:
        """Let Helm render the first candidate of each query in one template: most of them hold in every release."""
        questions: list[_Question] = []
        for each in wanted:
            candidate = next(self.candidates(each.query, each.origins, each.values), None)
            if candidate:
                questions.append(_Question(candidate))
                questions += [_Question(candidate, bare=True)] if each.query.route == _NAME else []
        questions = list(dict.fromkeys(questions))
        if not questions[1:]:
            return
        probe = with_probe(self._chart, "".join(question.text(number) for number, question in enumerate(questions)))
        self._renderer.prepare(probe, (variation.request for variation in self._variations))
        for variation in self._variations:
            rendering = self._renderer.attempt(probe, variation.request)
            for number, question in enumerate(questions if rendering else ()):
                self._answers[question, variation.label] = _probed(rendering, number)

    def holds(self, candidate: Expression, query: ExpressionQuery, *, bare: bool = False) -> bool:
        """Whether the candidate renders the chart's value in every variation that renders the object.

        `bare`: whether it prints nothing else, no quotes and no comment.
        """
        question = _Question(candidate, bare)
        for variation in self._variations:
            before = self._renderer.attempt(self._chart, variation.request)
            if before is None or query.expected(before) is None:
                continue
            if self._answer(question, variation) != query.expected(before):
                return False
        return True

    def _answer(self, question: _Question, variation: Variation) -> Any:
        """What Helm renders for the expression, None if it can't."""
        key = (question, variation.label)
        if key not in self._answers:
            probe = self._alone.setdefault(question, with_probe(self._chart, question.text(0)))
            rendering = self._renderer.attempt(probe, variation.request)
            self._answers[key] = _probed(rendering, 0)
        return self._answers[key]

    def prints_value(self, expression: Expression, query: ExpressionQuery) -> bool:
        """Whether the expression prints the bare value, without YAML syntax such as quotes or a comment."""
        return self.holds(expression, query, bare=True)

    def _from_release_name(self, name: str, conditions: tuple[str, ...]) -> Iterator[Expression]:
        release = self._variations[0].request.release_name
        if name == release:
            yield Expression("{{ .Release.Name }}", (), conditions)
        elif name.startswith(f"{release}-"):
            yield Expression(f"{{{{ .Release.Name }}}}{name.removeprefix(release)}", (), conditions)

    def _hint(self, query: ExpressionQuery, origins: Origins) -> str:
        """A way on; inside `range` the line stays as it is, since a named template can't see the item."""
        if not _is_in_range(self._chart, origins.of(query.manifest, query.route)):
            return "write it as a named template that takes the root, `include` that, and run again"
        if query.route != _NAME:
            return f"move the {query.manifest.kind} out of the `range`, and run again"
        release, name = self._variations[0].request.release_name, query.manifest.name
        body = f"{{{{ .Release.Name }}}}{name.removeprefix(release)}" if name.startswith(release) else name
        return (
            "the `range` can stay: add a named template with this name, made from the root, to templates/_helpers.tpl,"
            f' for example {{{{ define "{self._chart.name}.{name.removeprefix(f"{release}-")}.name" }}}}{body}'
            "{{ end }}, and run again. The template's own name must contain `name`"
        )

    def _reason(self, query: ExpressionQuery, origins: Origins) -> str:
        origin = origins.of(query.manifest, query.route)
        if origin is None:
            return "it isn't on a line of its own"
        try:
            movable_expression(self._chart, origin, template_path(query.manifest), self._item)
        except ImmovableError as reason:
            return f"{origin.path}: {reason}"
        return f"{origin.path}: `{origin.text}` renders a different value in another template"


def _is_in_range(chart: Chart, origin: Origin | None) -> bool:
    if origin is None:
        return False
    return any(condition.kind == "range" for condition in parse(chart.text(origin.path)).conditions_at(origin.start))


def template_path(manifest: Manifest) -> str:
    """The template file below the chart that renders the manifest."""
    return manifest.template.split("/", 1)[1]


def _name_helpers(chart: Chart) -> list[str]:
    found = {
        name
        for path in chart.files
        if "templates/" in path and path.endswith((".tpl", ".yaml"))
        for name, _ in parse(chart.text(path)).definitions()
        if _NAME_HELPER.search(name)
    }
    return sorted(found, key=lambda name: ("fullname" not in name, not name.startswith(chart.name), len(name)))


def _routes_to(node: Any, value: Any, route: Route = ()) -> Iterator[Route]:
    """Routes of the values that equal `value`, those with `service` in them first."""
    routes = [leaf for leaf in _leaves(node, route) if value_at(node, leaf) == value]
    return iter(sorted(routes, key=lambda leaf: ("service" not in str(leaf).lower(), len(leaf)))[:6])


def _leaves(node: Any, route: Route) -> Iterator[Route]:
    if isinstance(node, dict):
        for key, below in node.items():
            yield from _leaves(below, (*route, str(key)))
    elif isinstance(node, list):
        for index, below in enumerate(node):
            yield from _leaves(below, (*route, index))
    elif not isinstance(node, bool):
        yield route


def values_expression(route: Route) -> str:
    """`.Values.a.b`, with `index` for list items and keys that aren't identifiers."""
    text = ".Values"
    for step in route:
        if isinstance(step, str) and re.fullmatch(r"[A-Za-z_]\w*", step):
            text = f"{text}.{step}" if not text.startswith("index") else f"({text}).{step}"
        else:
            parent = f"({text})" if " " in text else text
            text = f"index {parent} {step if isinstance(step, int) else chr(34) + step + chr(34)}"
    return text


@dataclass(frozen=True, slots=True)
class _Question:
    """An expression to be rendered as the value of a document; `bare`: as a text, whatever YAML makes of it."""

    expression: Expression
    bare: bool = False

    def text(self, number: int) -> str:
        """A document that prints the value, in a scope of its own; a condition may read a variable of the prelude."""
        expression = self.expression
        opening = "".join(f"{{{{- if {condition} }}}}\n" for condition in expression.conditions)
        prelude = "".join(f"{{{{- {assignment} }}}}\n" for assignment in expression.prelude)
        closing = "{{- end }}\n" * len(expression.conditions)
        defined, value = "", expression.text
        if self.bare:
            name = f"{_PROBE_NAME}-{number}"
            assignments = "".join(f"{{{{- {assignment} -}}}}" for assignment in expression.prelude)
            defined = f'{{{{ define "{name}" -}}}}{assignments}{expression.text}{{{{- end }}}}\n'
            value = f'{{{{ include "{name}" . | toJson }}}}'
        document = f"kind: Probe\nnumber: {number}\nvalue: {value}\n"
        return f"{defined}---\n{{{{ if true }}}}\n{prelude}{opening}{document}{closing}{{{{- end }}}}\n"


def _probed(rendering: Rendering | None, number: int) -> Any:
    """The value of the document with this number, None without it."""
    probes = rendering.of_kind("Probe") if rendering else iter(())
    probe = next((probe for probe in probes if probe.get(("number",)) == number), None)
    return probe.get(("value",)) if probe else None
