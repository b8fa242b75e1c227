"""Objects of the chart that the Canary names: its autoscaler, and the Ingress or route that its provider copies."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from chartgen.canary.expression_finder import ExpressionQuery, WantedExpression
from chartgen.canary.hazards import settings_of
from chartgen.canary.survey import find_surroundings
from chartgen.errors import ConflictError, ProofError
from chartgen.manifests.switches.switch import settings_to_try

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from chartgen.canary.autoscalers import RenderedAutoscaler
    from chartgen.canary.expression import Expression
    from chartgen.canary.expression_finder import ExpressionFinder
    from chartgen.canary.survey import Surroundings
    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering
    from chartgen.manifests.tracing.origin import Origins
    from chartgen.proof.renderer import Renderer
_NAME = ("metadata", "name")
_KEDA = "keda.sh/v1alpha1"
_HPA = "autoscaling/v2"
_MOST_SETTINGS = 8


@dataclass(frozen=True, slots=True)
class ObjectReference:
    """A reference below the Canary's `spec`; the name carries the conditions under which the chart renders the object.

    `key` is the field below `spec`, such as `autoscalerRef`.
    """

    key: str
    kind: str
    api_version: str
    name: Expression


def with_one_route(
    renderer: Renderer, rendering: Rendering, surroundings: Surroundings, name: str | None
) -> Surroundings:
    """The surroundings with the route called `name`, or the only one; raises ConflictError without exactly one."""
    kind = surroundings.route_kind
    if kind is None:
        return surroundings
    routes = [route for route in surroundings.routes if name in {None, route.name}]
    if len(routes) == 1:
        return replace(surroundings, routes=tuple(routes))
    if routes:
        names = ", ".join(route.name for route in routes)
        several = f"{len(routes)} objects of kind {kind.kind} lead to Service {surroundings.apex}: {names}"
        raise ConflictError([several], hint="choose one with --route NAME")
    called = f" called {name}" if name else ""
    missing = f"the chart renders no {kind.kind}{called} with the backend {surroundings.apex}: {kind.purpose}"
    raise ConflictError([missing], hint=_way_to_a_route(renderer, rendering, surroundings, name))


def _way_to_a_route(renderer: Renderer, rendering: Rendering, surroundings: Surroundings, name: str | None) -> str:
    """The values for which the chart renders a route, if there are some."""
    kind = surroundings.route_kind
    settings = settings_to_try(renderer.engine, rendering.chart, rendering.request, kind.kind if kind else "")
    for setting in islice(settings, _MOST_SETTINGS):
        switched_on = renderer.attempt(rendering.chart, setting.applied(rendering.request))
        found = find_surroundings(switched_on, surroundings) if switched_on else None
        if found and any(name in {None, route.name} for route in found.routes):
            values = settings_of(setting.overlay)
            options = " ".join(f"--set {value}" for value in values)
            return f"set {', '.join(values)} in values.yaml, or add {options}"
    return "add one to the chart, or set the values that render it with -f or --set"


class ReferenceFinder:
    """Finds the expressions for the names of referenced objects.

    `expect` turns a reader of the surroundings into a reader of any rendering, which returns None without the target.
    """

    def __init__(
        self,
        finder: ExpressionFinder,
        expect: Callable[[Callable[[Surroundings], Any]], Callable[[Rendering], Any]],
        target_name: Expression,
    ) -> None:
        self._finder = finder
        self._expect = expect
        self._target_name = target_name

    def wanted(
        self,
        traced: list[tuple[RenderedAutoscaler, Origins]],
        surroundings: Surroundings,
        origins: Origins,
        values: Mapping[str, Any],
    ) -> Iterator[WantedExpression]:
        """What `autoscaler` and `route` ask the finder for."""
        for scaler, own in traced:
            yield WantedExpression(self._scaler_query(scaler.manifest), own, scaler.rendering.values)
        if surroundings.route_kind:
            yield WantedExpression(self._route_query(surroundings.routes[0]), origins, values)

    def autoscaler(self, scaler: RenderedAutoscaler, origins: Origins) -> ObjectReference:
        """The reference to an autoscaler; `origins` are those of the rendering that contains it."""
        manifest = scaler.manifest
        api_version = _KEDA if manifest.kind == "ScaledObject" else _HPA
        name = self._name(self._scaler_query(manifest), origins, scaler.rendering.values)
        return ObjectReference("autoscalerRef", manifest.kind, api_version, name)

    def route(self, surroundings: Surroundings, origins: Origins, values: Mapping[str, Any]) -> ObjectReference | None:
        """The reference to the only route of the surroundings, None if the provider needs none."""
        kind = surroundings.route_kind
        if kind is None:
            return None
        name = self._name(self._route_query(surroundings.routes[0]), origins, values)
        return ObjectReference(kind.key, kind.kind, kind.api_version, name)

    def _scaler_query(self, manifest: Manifest) -> ExpressionQuery:
        reader = self._expect(lambda found: _name_in(found.scalers, manifest))
        return ExpressionQuery("the name", manifest, _NAME, reader)

    def _route_query(self, manifest: Manifest) -> ExpressionQuery:
        reader = self._expect(lambda found: _name_in(found.routes, manifest))
        return ExpressionQuery("the name", manifest, _NAME, reader)

    def _name(self, query: ExpressionQuery, origins: Origins, values: Mapping[str, Any]) -> Expression:
        try:
            expression = self._finder.require(query, origins, values)
        except ProofError as error:
            raise ProofError(f"{error.message}. The Canary must name it", hint=error.hint) from error
        return expression.within(self._target_name)


def _name_in(others: tuple[Manifest, ...], manifest: Manifest) -> str | None:
    """The name of the same object in another rendering: the same document of its template, or the only one there."""
    same = [other for other in others if other.template == manifest.template]
    exact = [other for other in same if other.document == manifest.document]
    found = exact or (same if len(same) == 1 else [])
    return found[0].name if found else None
