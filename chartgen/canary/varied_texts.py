"""The template texts of a Canary's expressions, whose values the proof must vary."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chartgen.canary.expression import ImmovableError, movable_expression
from chartgen.canary.expression_finder import template_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.canary.autoscalers import RenderedAutoscaler
    from chartgen.canary.ports import PortChoice
    from chartgen.canary.range_items import RangeItem
    from chartgen.canary.survey import Surroundings
    from chartgen.charts.chart import Chart
    from chartgen.manifests.manifest import Manifest, Route
    from chartgen.manifests.tracing.origin import Origin, Origins

_NAME: Route = ("metadata", "name")
_NAMESPACE: Route = ("metadata", "namespace")
_KIND: Route = ("kind",)


def varied_texts(
    chart: Chart,
    origins: Origins,
    surroundings: Surroundings,
    port_choice: PortChoice,
    autoscalers: list[RenderedAutoscaler],
    item: RangeItem | None = None,
) -> Iterator[str]:
    """Template texts whose values the proof must vary: expressions of the fields, and the conditions around them."""
    routes: list[tuple[Manifest, Route]] = [(surroundings.target, route) for route in (_NAME, _NAMESPACE, _KIND)]
    if surroundings.service:
        routes += [(surroundings.service, _NAME), (surroundings.service, _KIND)]
    routes += [(route, step) for route in surroundings.routes for step in (_NAME, _KIND)]
    routes += [(field.manifest, field.route) for field in port_choice.fields]
    for manifest, route in routes:
        origin = origins.of(manifest, route)
        if origin:
            yield from _expression_texts(chart, origin, template_path(manifest), item)
    for autoscaler in autoscalers:
        yield from _paths(autoscaler.request.overlay, ".Values")


def _expression_texts(chart: Chart, origin: Origin, rendered_file: str, item: RangeItem | None) -> tuple[str, ...]:
    try:
        return movable_expression(chart, origin, rendered_file, item).texts
    except ImmovableError:
        return (origin.text,)


def _paths(overlay: Any, path: str) -> Iterator[str]:
    if not isinstance(overlay, dict):
        yield path
        return
    for key, value in overlay.items():
        yield from _paths(value, f"{path}.{key}")
