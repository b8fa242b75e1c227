"""Analysis of a chart for add-canary: its target, Service, ports, and autoscalers, with expressions for all of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chartgen.canary.autoscalers import find_autoscalers
from chartgen.canary.expression import Expression, ImmovableError, movable_expression
from chartgen.canary.expression_finder import (
    ExpressionFinder,
    ExpressionQuery,
    FieldExpression,
    WantedExpression,
    template_path,
)
from chartgen.canary.hazards import label_sharers
from chartgen.canary.ports import BESIDE_PORT, choose_port
from chartgen.canary.providers import setup_of
from chartgen.canary.range_target import loops_around, range_item, replicas_line, with_changed_items
from chartgen.canary.references import ObjectReference, ReferenceFinder, with_one_route
from chartgen.canary.survey import ROOT_KINDS, find_surroundings, require_service, surroundings_of
from chartgen.canary.targets import choose_target
from chartgen.canary.varied_texts import varied_texts
from chartgen.manifests.tracing.origin import trace
from chartgen.proof.variations import are_varied, in_parts, variations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chartgen.canary.autoscalers import RenderedAutoscaler
    from chartgen.canary.options import AddCanaryOptions
    from chartgen.canary.ports import PortChoice, PortField
    from chartgen.canary.range_items import RangeItem
    from chartgen.canary.survey import Surroundings
    from chartgen.charts.chart import Chart
    from chartgen.helm.request import RenderRequest
    from chartgen.manifests.manifest import Manifest, Route
    from chartgen.manifests.rendering import Rendering
    from chartgen.manifests.tracing.origin import Origin, Origins
    from chartgen.proof.renderer import Renderer
    from chartgen.proof.variations import Variation

_NAME: Route = ("metadata", "name")
_NAMESPACE: Route = ("metadata", "namespace")
_KIND: Route = ("kind",)


@dataclass(frozen=True, slots=True)
class ChartAnalysis:
    """What the canary's templates need to know about the chart.

    `fields` are the keys of `spec.service` with an expression, `derived_keys` those read from the rendered Service.
    `target_kind` is set if the chart's values choose the kind; the Canary then has this condition too. `namespace` is
    set if the target's namespace isn't the release's. `quoted_names` holds "target" and "apex" for a name that the
    chart writes with YAML syntax (quotes, a comment), which can't be used as text. `apex_differs`: in some release the
    Service's name isn't the target's. `replicas_origin` is the line of the target's `replicas`, if it can be wrapped,
    and `replicas_test` the condition that it is the target's, if other workloads share it. `label_sharers` are phrases
    for workloads whose pods have the label by which Flagger selects the target's. `roots` are objects of ROOT_KINDS.
    """

    target: Manifest
    target_name: Expression
    namespace: Expression | None
    quoted_names: frozenset[str]
    target_kind: Expression | None
    surroundings: Surroundings
    apex_differs: bool
    apex_name: Expression | None
    fields: tuple[FieldExpression, ...]
    derived_keys: tuple[str, ...]
    port_choice: PortChoice
    references: tuple[ObjectReference, ...]
    service_origin: Origin | None
    replicas_origin: Origin | None
    replicas_test: str
    label_sharers: tuple[str, ...]
    variations: tuple[Variation, ...]
    gateways: tuple[Manifest, ...]
    roots: tuple[Manifest, ...]

    @property
    def reads_service(self) -> bool:
        """Whether the Canary reads fields from the rendered Service."""
        return bool(self.derived_keys) or (self.apex_differs and not self.apex_name)

    def surroundings_in(self, rendering: Rendering) -> Surroundings | None:
        """The surroundings of the same target in another rendering, None if the target isn't rendered."""
        return find_surroundings(rendering, self.surroundings)


def analyze(renderer: Renderer, chart: Chart, request: RenderRequest, options: AddCanaryOptions) -> ChartAnalysis:
    """Analyze `chart` as `request` renders it; raises ConflictError, UsageError, or ProofError."""
    rendering = renderer.render(chart, request)
    target = choose_target(rendering, options.target, options.provider)
    wanted = options.service or options.apex
    surroundings = surroundings_of(rendering, target, setup_of(options.provider).route_kind, wanted)
    if options.service:
        require_service(rendering, surroundings, options.service)
    surroundings = with_one_route(renderer, rendering, surroundings, options.route)
    origins = trace(renderer.engine, chart, request, rendering)
    autoscalers = find_autoscalers(renderer, chart, request, target)
    port_choice = choose_port(surroundings, v1alpha2=options.api_version == "v1alpha2")
    named_at = origins.of(target, _NAME)
    loops = loops_around(chart, named_at)
    item = range_item(renderer, rendering, target, named_at, loops)
    texts = list(varied_texts(chart, origins, surroundings, port_choice, autoscalers, item))
    releases = in_parts(
        variations(renderer.engine, chart, request, rendering.values, texts),
        lambda varied: renderer.attempt(chart, varied) is not None,
    )
    releases = (*releases, *with_changed_items(rendering, loops, item))
    analyzer = ChartAnalyzer(renderer, chart, rendering, origins, releases, surroundings, port_choice, item)
    return analyzer.analyze(autoscalers)


class ChartAnalyzer:
    """Finds everything in a ChartAnalysis, from one rendering and its variations."""

    def __init__(
        self,
        renderer: Renderer,
        chart: Chart,
        rendering: Rendering,
        origins: Origins,
        variations: tuple[Variation, ...],
        surroundings: Surroundings,
        port_choice: PortChoice,
        item: RangeItem | None = None,
    ) -> None:
        self.renderer = renderer
        self.chart = chart
        self.rendering = rendering
        self.origins = origins
        self.variations = variations
        self.surroundings = surroundings
        self.port_choice = port_choice
        self.item = item
        self.finder = ExpressionFinder(renderer, chart, variations, item)

    def analyze(self, autoscalers: list[RenderedAutoscaler]) -> ChartAnalysis:
        target, service = self.surroundings.target, self.surroundings.service
        self.renderer.prepare(self.chart, (variation.request for variation in self.variations))
        traced = [(scaler, self._origins_in(scaler.request, scaler.rendering)) for scaler in autoscalers]
        self.finder.ask_together(self._wanted(traced))
        name = self.finder.require(self._target_query, self.origins, self.rendering.values)
        name, kind = self._with_target_conditions(name)
        fields, derived_keys = self._service_fields(name)
        apex = self._apex_name() if service and self._apex_differs() else None
        replicas, test = replicas_line(self.rendering, target, self.origins, self.item)
        return ChartAnalysis(
            target=target,
            target_name=name,
            namespace=self._namespace(name),
            quoted_names=frozenset(self._quoted_names(name, apex)),
            target_kind=kind,
            surroundings=self.surroundings,
            apex_differs=self._apex_differs(),
            apex_name=apex,
            fields=fields,
            derived_keys=derived_keys,
            port_choice=self.port_choice,
            references=tuple(self._references(traced, name)),
            service_origin=self.origins.of(service, _KIND) if service else None,
            replicas_origin=replicas,
            replicas_test=test,
            label_sharers=label_sharers(self.rendering, target),
            variations=self.variations,
            gateways=tuple(self.rendering.of_kind("Gateway")),
            roots=tuple(self.rendering.of_kind(*ROOT_KINDS)),
        )

    def _origins_in(self, request: RenderRequest, rendering: Rendering) -> Origins:
        if rendering is self.rendering:
            return self.origins
        return trace(self.renderer.engine, self.chart, request, rendering)

    def _wanted(self, traced: list[tuple[RenderedAutoscaler, Origins]]) -> Iterator[WantedExpression]:
        """What `analyze` asks the finder for, as far as it is known before."""
        queries = [self._target_query, *(self._field_query(field) for field in self.port_choice.fields)]
        queries += [self._apex_query] if self.surroundings.service and self._apex_differs() else []
        yield from (WantedExpression(query, self.origins, self.rendering.values) for query in queries)
        references = ReferenceFinder(self.finder, self._expected, Expression(""))
        yield from references.wanted(traced, self.surroundings, self.origins, self.rendering.values)

    @property
    def _target_query(self) -> ExpressionQuery:
        expected = self._expected(lambda surroundings: surroundings.target.name)
        return ExpressionQuery("the name", self.surroundings.target, _NAME, expected)

    def _quoted_names(self, name: Expression, apex: Expression | None) -> Iterator[str]:
        if not self.finder.prints_value(name, self._target_query):
            yield "target"
        if apex and not self.finder.prints_value(apex, self._apex_query):
            yield "apex"

    def _namespace(self, name: Expression) -> Expression | None:
        """The chart's own expression for the target's namespace, None if that is the release's in every variation."""
        expected = self._expected(lambda surroundings: surroundings.target.namespace)
        query = ExpressionQuery("the namespace", self.surroundings.target, _NAMESPACE, expected)
        renderings = [self.renderer.attempt(self.chart, variation.request) for variation in self.variations]
        if all(query.expected(found) in {None, found.request.namespace} for found in renderings if found):
            return None
        return self.finder.require(query, self.origins, self.rendering.values).within(name)

    def _with_target_conditions(self, name: Expression) -> tuple[Expression, Expression | None]:
        """The name with all conditions of the target, and the target's kind if values choose it."""
        target = self.surroundings.target
        origin = self.origins.of(target, _KIND)
        try:
            kind = (
                movable_expression(self.chart, origin, template_path(target), self.item) if origin else Expression("")
            )
        except ImmovableError:
            return name, None
        conditional_name = Expression(
            name.text,
            tuple(dict.fromkeys((*kind.prelude, *name.prelude))),
            tuple(dict.fromkeys((*kind.conditions, *name.conditions))),
        )
        return conditional_name, kind if "{{" in kind.text else None

    def _expected(self, read: Callable[[Surroundings], Any]) -> Callable[[Rendering], Any]:
        """A function that reads a value from the surroundings of the same target in any rendering, None without it."""

        def expected(rendering: Rendering) -> Any:
            surroundings = find_surroundings(rendering, self.surroundings)
            return read(surroundings) if surroundings else None

        return expected

    def _apex_differs(self) -> bool:
        """Whether the Service's name differs from the target's in any variation."""
        return any(
            found.service is not None and found.service.name != found.target.name
            for variation in self.variations
            if (rendering := self.renderer.attempt(self.chart, variation.request))
            and (found := find_surroundings(rendering, self.surroundings))
        )

    @property
    def _apex_query(self) -> ExpressionQuery:
        service = self.surroundings.service
        assert service is not None
        expected = self._expected(lambda found: found.service.name if found.service else None)
        return ExpressionQuery("the name", service, _NAME, expected)

    def _apex_name(self) -> Expression | None:
        return self.finder.find(self._apex_query, self.origins, self.rendering.values)

    def _field_query(self, field: PortField) -> ExpressionQuery:
        return ExpressionQuery(
            f"{field.key} ({field.path})", field.manifest, field.route, self._expected(field.value_in)
        )

    def _service_fields(self, name: Expression) -> tuple[tuple[FieldExpression, ...], tuple[str, ...]]:
        """The fields of `spec.service` with an expression, and the keys without one."""
        if self.port_choice.constant is not None:
            return (FieldExpression("port", Expression(str(self.port_choice.constant))),), ()
        fields: list[FieldExpression] = []
        derived_keys: list[str] = []
        for field in self.port_choice.fields:
            expression = self.finder.find(self._field_query(field), self.origins, self.rendering.values)
            expression = expression and expression.within(self._object_of(field.manifest), name)
            # A Canary needs a port in every branch: if only one branch sets it, read it from the Service.
            if expression and not (field.key == "port" and expression.conditions) and self._holds_anywhere(expression):
                fields.append(FieldExpression(field.key, expression))
            else:
                derived_keys.append(field.key)
        if "port" in derived_keys:
            # Where values replace the port, they replace its entry in the Service.
            derived_keys += [key for key in BESIDE_PORT if key not in {*derived_keys, *(field.key for field in fields)}]
        return tuple(fields), tuple(derived_keys)

    def _holds_anywhere(self, expression: Expression) -> bool:
        """Whether the proof varies all values that the expression's conditions read."""
        read = (*expression.conditions, *expression.prelude) if expression.conditions else ()
        return are_varied(self.rendering.values, read)

    def _object_of(self, manifest: Manifest) -> Expression:
        """An expression with the conditions around a whole object."""
        origin = self.origins.of(manifest, _KIND)
        try:
            return (
                movable_expression(self.chart, origin, template_path(manifest), self.item) if origin else Expression("")
            )
        except ImmovableError:
            return Expression("")

    def _references(
        self, traced: list[tuple[RenderedAutoscaler, Origins]], name: Expression
    ) -> Iterator[ObjectReference]:
        """The autoscalers, each with the origins of the rendering that contains it, and the route of the provider."""
        finder = ReferenceFinder(self.finder, self._expected, name)
        for scaler, origins in traced:
            yield finder.autoscaler(scaler, origins)
        route = finder.route(self.surroundings, self.origins, self.rendering.values)
        if route:
            yield route
