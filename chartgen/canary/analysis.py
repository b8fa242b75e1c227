"""The chart, studied: its target, what stands around it, and expressions for all of it that hold in every release."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chartgen.canary import ports
from chartgen.canary.expression import Expression, ImmovableError, carry
from chartgen.canary.expression_finder import ExpressionFinder, ExpressionQuery, Fact, site_of
from chartgen.canary.scalers import sightings
from chartgen.canary.survey import choose_target, find_surroundings, look_around
from chartgen.charts.gotemplate.blocks import parse
from chartgen.errors import ProofError
from chartgen.manifests.tracing.origin import trace
from chartgen.proof.variations import variations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chartgen.canary.options import AddCanaryOptions
    from chartgen.canary.scalers import Sighting
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
_REPLICAS: Route = ("spec", "replicas")
_KEDA = "keda.sh/v1alpha1"


@dataclass(frozen=True, slots=True)
class ScalerFact:
    """An autoscaler of the target, under the conditions the chart renders it."""

    kind: str
    api_version: str
    name: Expression


@dataclass(frozen=True, slots=True)
class Study:
    """All that the templates need. `fields` are those of `spec.service`, `derived` the keys to read off the Service.

    `target_kind` is set where the chart's values choose the kind; the canary then stands under that choice too.
    `namespace` is set where the chart puts the target elsewhere than into the release's namespace. `quoted` holds
    "target" and "apex" where those names are written as YAML (quoted, with a comment) and cannot be used as text.
    """

    target: Manifest
    target_name: Expression
    namespace: Expression | None
    quoted: frozenset[str]
    target_kind: Expression | None
    around: Surroundings
    apex_differs: bool
    apex_name: Expression | None
    fields: tuple[Fact, ...]
    derived: tuple[str, ...]
    choice: ports.PortChoice
    scalers: tuple[ScalerFact, ...]
    service_origin: Origin | None
    replicas_origin: Origin | None
    variations: tuple[Variation, ...]

    def surroundings_in(self, rendering: Rendering) -> Surroundings | None:
        """The same target and what is around it in another rendering, None where it is not rendered."""
        return find_surroundings(rendering, self.around)


def study(renderer: Renderer, chart: Chart, request: RenderRequest, options: AddCanaryOptions) -> Study:
    """Study `chart` as `request` renders it; raises ConflictError, UsageError or ProofError."""
    rendering = renderer.render(chart, request)
    target = choose_target(rendering, options.target)
    around = look_around(rendering, target)
    origins = trace(renderer.engine, chart, request, rendering)
    seen = sightings(renderer, chart, request, target)
    choice = ports.choose(around, v1alpha2=options.api_version == "v1alpha2")
    texts = list(_texts_that_matter(chart, origins, around, choice, seen))
    varied = variations(renderer.engine, chart, request, rendering.values, texts)
    return ChartAnalyzer(renderer, chart, rendering, origins, varied, around, choice).study(seen)


def _texts_that_matter(
    chart: Chart, origins: Origins, around: Surroundings, choice: ports.PortChoice, seen: list[Sighting]
) -> Iterator[str]:
    """Template texts whose values the proof must vary: those of the fields, and the conditions around them."""
    routes: list[tuple[Manifest, Route]] = [(around.target, route) for route in (_NAME, _NAMESPACE, _KIND)]
    if around.service:
        routes += [(around.service, _NAME), (around.service, _KIND)]
    routes += [(place.manifest, place.route) for place in choice.places]
    for manifest, route in routes:
        origin = origins.of(manifest, route)
        if origin:
            yield from _texts_at(chart, origin, site_of(manifest))
    for sighting in seen:
        yield from _paths(sighting.request.overlay, ".Values")


def _texts_at(chart: Chart, origin: Origin, site: str) -> tuple[str, ...]:
    try:
        return carry(chart, origin, site).texts
    except ImmovableError:
        return (origin.text,)


def _paths(overlay: Any, path: str) -> Iterator[str]:
    if not isinstance(overlay, dict):
        yield path
        return
    for key, value in overlay.items():
        yield from _paths(value, f"{path}.{key}")


class ChartAnalyzer:
    """One study under way: what every question needs to be answered."""

    def __init__(
        self,
        renderer: Renderer,
        chart: Chart,
        rendering: Rendering,
        origins: Origins,
        varied: tuple[Variation, ...],
        around: Surroundings,
        choice: ports.PortChoice,
    ) -> None:
        self.renderer = renderer
        self.chart = chart
        self.rendering = rendering
        self.origins = origins
        self.varied = varied
        self.around = around
        self.choice = choice
        self.interpreter = ExpressionFinder(renderer, chart, varied)

    def study(self, seen: list[Sighting]) -> Study:
        target, service = self.around.target, self.around.service
        name = self.interpreter.require(self._named, self.origins, self.rendering.values)
        name, kind = self._with_presence(name)
        fields, derived = self._fields(name)
        apex = self._apex_name() if service and self._apex_differs() else None
        return Study(
            target=target,
            target_name=name,
            namespace=self._namespace(name),
            quoted=frozenset(self._quoted(name, apex)),
            target_kind=kind,
            around=self.around,
            apex_differs=self._apex_differs(),
            apex_name=apex,
            fields=fields,
            derived=derived,
            choice=self.choice,
            scalers=tuple(self._scaler(sighting, name) for sighting in seen),
            service_origin=self.origins.of(service, _KIND) if service else None,
            replicas_origin=self._replicas(),
            variations=self.varied,
        )

    @property
    def _named(self) -> ExpressionQuery:
        return ExpressionQuery("the name", self.around.target, _NAME, self._read(lambda found: found.target.name))

    def _quoted(self, name: Expression, apex: Expression | None) -> Iterator[str]:
        if not self.interpreter.prints(name, self._named):
            yield "target"
        if apex and not self.interpreter.prints(apex, self._apex):
            yield "apex"

    def _namespace(self, name: Expression) -> Expression | None:
        """The chart's own expression for the target's namespace, where that is another than the release's."""
        question = ExpressionQuery(
            "the namespace", self.around.target, _NAMESPACE, self._read(lambda found: found.target.namespace)
        )
        requests = [
            (variation.request, self.renderer.attempt(self.chart, variation.request)) for variation in self.varied
        ]
        found = [(request.namespace, question.expected(rendering)) for request, rendering in requests if rendering]
        if all(namespace in {None, released} for released, namespace in found):
            return None
        return self.interpreter.require(question, self.origins, self.rendering.values).within(name.conditions)

    def _with_presence(self, name: Expression) -> tuple[Expression, Expression | None]:
        """The name under all conditions under which the target is rendered, and its kind where values choose it."""
        origin = self.origins.of(self.around.target, _KIND)
        try:
            kind = carry(self.chart, origin, site_of(self.around.target)) if origin else Expression("")
        except ImmovableError:
            return name, None
        named = Expression(
            name.text,
            tuple(dict.fromkeys((*kind.prelude, *name.prelude))),
            tuple(dict.fromkeys((*kind.conditions, *name.conditions))),
        )
        return named, kind if "{{" in kind.text else None

    def _replicas(self) -> Origin | None:
        """The line that makes the target's replicas, and nobody else's: a `range` may make several workloads."""
        target = self.around.target
        origin = self.origins.of(target, _REPLICAS) if target.kind == "Deployment" else None
        if origin is None:
            return None
        shared = any(
            other is not target and self.origins.of(other, _REPLICAS) == origin for other in self.rendering.manifests
        )
        around = parse(self.chart.text(origin.path)).conditions_at(origin.start)
        return None if shared or any(condition.kind == "range" for condition in around) else origin

    def _read(self, read: Callable[[Surroundings], Any]) -> Callable[[Rendering], Any]:
        """`read`, of the same target's surroundings in any rendering; None where it is not there."""

        def expected(rendering: Rendering) -> Any:
            around = find_surroundings(rendering, self.around)
            return read(around) if around else None

        return expected

    def _apex_differs(self) -> bool:
        """Whether the chart's Service is called other than the target in any release looked at."""
        return any(
            found.service is not None and found.service.name != found.target.name
            for variation in self.varied
            if (rendering := self.renderer.attempt(self.chart, variation.request))
            and (found := find_surroundings(rendering, self.around))
        )

    @property
    def _apex(self) -> ExpressionQuery:
        service = self.around.service
        assert service is not None
        return ExpressionQuery(
            "the name", service, _NAME, self._read(lambda found: found.service.name if found.service else None)
        )

    def _apex_name(self) -> Expression | None:
        return self.interpreter.answer(self._apex, self.origins, self.rendering.values)

    def _fields(self, name: Expression) -> tuple[tuple[Fact, ...], tuple[str, ...]]:
        """The fields of `spec.service` with an expression, and the keys that have none."""
        found: list[Fact] = []
        derived: list[str] = []
        for place in self.choice.places:
            read = self._read(lambda around, place=place: place.value_in(around))  # type: ignore[misc]
            question = ExpressionQuery(f"{place.key} ({place.told})", place.manifest, place.route, read)
            answer = self.interpreter.answer(question, self.origins, self.rendering.values)
            answer = answer and answer.within(self._conditions_of(place.manifest, name))
            # A Canary without a port is refused: where only one branch gives it, it is read off the Service.
            if answer and not (place.key == "port" and answer.conditions):
                found.append(Fact(place.key, answer))
            else:
                derived.append(place.key)
        return tuple(found), tuple(derived)

    def _conditions_of(self, manifest: Manifest, name: Expression) -> tuple[str, ...]:
        """Conditions a field needs no more: those of its own object, and those of the Canary."""
        origin = self.origins.of(manifest, _KIND)
        try:
            own = carry(self.chart, origin, site_of(manifest)).conditions if origin else ()
        except ImmovableError:
            own = ()
        return (*own, *name.conditions)

    def _scaler(self, sighting: Sighting, name: Expression) -> ScalerFact:
        """The autoscaler's name and conditions, traced in the rendering that shows it."""
        scaler = sighting.scaler
        origins = trace(self.renderer.engine, self.chart, sighting.request, sighting.rendering)
        expected = self._read(
            lambda around: next((one.name for one in around.scalers if one.template == scaler.template), None)
        )
        try:
            expression = self.interpreter.require(
                ExpressionQuery("the name", scaler, _NAME, expected), origins, sighting.rendering.values
            )
        except ProofError as error:
            raise ProofError(f"{error.message} (the canary must name the autoscaler)", hint=error.hint) from error
        keda = scaler.kind == "ScaledObject"
        return ScalerFact(scaler.kind, _KEDA if keda else "autoscaling/v2", expression.within(name.conditions))
