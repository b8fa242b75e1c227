"""What the Canary says of the chart, each fact as an expression that follows the chart in every release looked at."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from chartgen.canary.expression import Expression, ImmovableError, carry
from chartgen.charts.gotemplate.blocks import parse
from chartgen.errors import ProofError
from chartgen.manifests.manifest import Route, value_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from chartgen.charts.chart import Chart
    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering
    from chartgen.manifests.tracing.origin import Origins
    from chartgen.proof.renderer import Renderer
    from chartgen.proof.variations import Variation

_PROBE = "templates/zz-chartgen-probe.yaml"
_PROBE_NAME = "chartgen.probe"
_NAME_HELPER = re.compile(r"name", re.IGNORECASE)
_MOST_HELPERS = 20


@dataclass(frozen=True, slots=True)
class Fact:
    """A field of the Canary's spec: its key and the chart's own expression for it."""

    key: str
    expression: Expression


@dataclass(frozen=True, slots=True)
class ExpressionQuery:
    """A value to find an expression for: where it stands now, and how to read it off any rendering of the chart.

    `expected` returns None where the chart renders no such object there; then nothing is asked of the expression.
    """

    what: str
    manifest: Manifest
    route: Route
    expected: Callable[[Rendering], Any]


class ExpressionFinder:
    """Finds expressions for rendered values and tries them in all variations, by Helm."""

    def __init__(self, renderer: Renderer, chart: Chart, variations: tuple[Variation, ...]) -> None:
        self._renderer = renderer
        self._chart = chart
        self._variations = variations

    def answer(self, question: ExpressionQuery, origins: Origins, values: Mapping[str, Any]) -> Expression | None:
        """The first candidate that gives the expected value in every variation, None where none does."""
        for candidate in self.candidates(question, origins, values):
            if self.holds(candidate, question):
                return candidate
        return None

    def require(self, question: ExpressionQuery, origins: Origins, values: Mapping[str, Any]) -> Expression:
        """`answer`, or a ProofError that says why the chart's own expression cannot be moved."""
        found = self.answer(question, origins, values)
        if found:
            return found
        raise ProofError(
            f"{question.manifest.template}: no expression gives {question.what} of {question.manifest.kind}"
            f" {question.manifest.name} in every release: {self._why(question, origins)}",
            hint="write it with a named template (include) that takes the root, and run again",
        )

    def candidates(
        self, question: ExpressionQuery, origins: Origins, values: Mapping[str, Any]
    ) -> Iterator[Expression]:
        """The chart's own line first, then named templates and values that give the same now."""
        value = question.manifest.get(question.route)
        own = self._carried(question, origins)
        if own:
            yield own
        if question.route == ("metadata", "name"):
            conditions = _conditions_of(self._chart, origins, question.manifest)
            for helper in _name_helpers(self._chart)[:_MOST_HELPERS]:
                yield Expression(f'{{{{ include "{helper}" . }}}}', (), conditions)
            if own:
                # A name made by a `range` may change with every value: nothing put together by hand follows it.
                yield from self._put_together(str(value), conditions)
        for route in _routes_to(values, value):
            yield Expression(f"{{{{ {values_expression(route)} }}}}")

    def _carried(self, question: ExpressionQuery, origins: Origins) -> Expression | None:
        origin = origins.of(question.manifest, question.route)
        if origin is None:
            return None
        try:
            return carry(self._chart, origin, site_of(question.manifest))
        except ImmovableError:
            return None

    def holds(self, candidate: Expression, question: ExpressionQuery, defined: str = "") -> bool:
        """Whether the candidate gives what the chart renders, in every variation that renders the object."""
        probe = _probing(self._chart, candidate, defined)
        for variation in self._variations:
            before = self._renderer.attempt(self._chart, variation.request)
            if before is None or not _is_there(question, before):
                continue
            after = self._renderer.attempt(probe, variation.request)
            if after is None or _probed(after) != question.expected(before):
                return False
        return True

    def prints(self, expression: Expression, question: ExpressionQuery) -> bool:
        """Whether the expression's text printed is the value itself, and not YAML for it (quotes, a comment)."""
        assignments = "".join(f"{{{{- {assignment} -}}}}" for assignment in expression.prelude)
        defined = f'{{{{- define "{_PROBE_NAME}" -}}}}{assignments}{expression.text}{{{{- end -}}}}\n'
        printed = f'{{{{ include "{_PROBE_NAME}" . | toJson }}}}'
        return self.holds(replace(expression, text=printed), question, defined)

    def _put_together(self, name: str, conditions: tuple[str, ...]) -> Iterator[Expression]:
        release = self._variations[0].request.release_name
        if name == release:
            yield Expression("{{ .Release.Name }}", (), conditions)
        elif name.startswith(f"{release}-"):
            yield Expression(f"{{{{ .Release.Name }}}}{name.removeprefix(release)}", (), conditions)

    def _why(self, question: ExpressionQuery, origins: Origins) -> str:
        origin = origins.of(question.manifest, question.route)
        if origin is None:
            return "it stands on no line of its own"
        try:
            carry(self._chart, origin, site_of(question.manifest))
        except ImmovableError as reason:
            return f"{origin.path}: {reason}"
        return f"{origin.path}: `{origin.text}` renders something else outside its place"


def _probing(chart: Chart, candidate: Expression, defined: str) -> Chart:
    """The chart with named templates only, and one template that prints the candidate: quick to render."""
    kept = {
        path: data
        for path, data in chart.files.items()
        if "templates/" not in path or path.endswith(".tpl") or b"define" in data
    }
    return replace(chart, files={**kept, _PROBE: (defined + _probe_text(candidate)).encode("utf-8", "surrogateescape")})


def _is_there(question: ExpressionQuery, rendering: Rendering) -> bool:
    return question.expected(rendering) is not None


def site_of(manifest: Manifest) -> str:
    """The template file below the chart that renders the manifest."""
    return manifest.template.split("/", 1)[1]


def _conditions_of(chart: Chart, origins: Origins, manifest: Manifest) -> tuple[str, ...]:
    origin = origins.of(manifest, ("kind",))
    if origin is None:
        return ()
    try:
        return carry(chart, origin, site_of(manifest)).conditions
    except ImmovableError:
        return ()


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
    """Places in the values that hold `value` and may be where it comes from, services and ports first."""
    found = [place for place in _leaves(node, route) if value_at(node, place) == value]
    return iter(sorted(found, key=lambda place: ("service" not in str(place).lower(), len(place)))[:6])


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
    """`.Values.a.b`, with `index` where a step is a list's or no identifier."""
    text = ".Values"
    for step in route:
        if isinstance(step, str) and re.fullmatch(r"[A-Za-z_]\w*", step):
            text = f"{text}.{step}" if not text.startswith("index") else f"({text}).{step}"
        else:
            inner = f"({text})" if " " in text else text
            text = f"index {inner} {step if isinstance(step, int) else chr(34) + step + chr(34)}"
    return text


def _probe_text(expression: Expression) -> str:
    opening = "".join(f"{{{{- if {condition} }}}}\n" for condition in expression.conditions)
    prelude = "".join(f"{{{{- {assignment} }}}}\n" for assignment in expression.prelude)
    closing = "{{- end }}\n" * len(expression.conditions)
    # Prelude first: a condition may read a variable that it carries.
    return f"{prelude}{opening}kind: Probe\nvalue: {expression.text}\n{closing}"


def _probed(rendering: Rendering) -> Any:
    probe = next(rendering.of_kind("Probe"), None)
    return probe.get(("value",)) if probe else None
