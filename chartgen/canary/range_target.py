"""What a `range` around the target means for its Canary: the item, other items to try, and the line of its replicas."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from chartgen.canary.expression import Expression, ImmovableError, assignments_before, movable_expression
from chartgen.canary.expression_finder import ExpressionFinder, template_path
from chartgen.canary.range_items import changed_items, collection_of, items_of
from chartgen.charts.gotemplate.blocks import parse
from chartgen.proof.variations import Variation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.canary.range_items import RangeItem
    from chartgen.charts.chart import Chart
    from chartgen.charts.gotemplate.blocks import Action
    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering
    from chartgen.manifests.tracing.origin import Origin, Origins
    from chartgen.proof.renderer import Renderer

_REPLICAS = ("spec", "replicas")
_MOST_ITEMS = 50


def loops_around(chart: Chart, origin: Origin | None) -> list[Action]:
    """The `range`s around a line of the templates, outermost first."""
    around = parse(chart.text(origin.path)).conditions_at(origin.start) if origin else ()
    return [condition.opener for condition in around if condition.kind == "range"]


def range_item(
    renderer: Renderer, rendering: Rendering, target: Manifest, origin: Origin | None, loops: list[Action]
) -> RangeItem | None:
    """The item of a loop that the target is rendered for, None if there isn't one loop, or its items have no names.

    `origin` is the line of the target's name.
    """
    if origin is None or len(loops) != 1:
        return None
    chart, collection = rendering.chart, collection_of(loops[0])
    finder = ExpressionFinder(renderer, chart, (Variation("release", rendering.request),))
    try:
        prelude = assignments_before(parse(chart.text(origin.path)), loops[0], collection)
        found = finder.value_of(Expression(f"{{{{ {collection} | toJson }}}}", prelude))
        for item in islice(items_of(collection, found), _MOST_ITEMS):
            name = movable_expression(chart, origin, template_path(target), item)
            if finder.value_of(name) == target.name:
                return item
    except ImmovableError:
        return None
    return None


def with_changed_items(rendering: Rendering, loops: list[Action], item: RangeItem | None) -> Iterator[Variation]:
    """The release with other items in the collections of the loops."""
    for loop in loops:
        for label, overlay in changed_items(collection_of(loop), item, rendering.values):
            yield Variation(label, rendering.request.over(overlay))


def replicas_line(
    rendering: Rendering, target: Manifest, origins: Origins, item: RangeItem | None
) -> tuple[Origin | None, str]:
    """The line of the target's replicas, and the condition that it is the target's, if other items of a loop share it.

    None if other workloads share it and nothing tells them apart, such as an `include`.
    """
    origin = origins.of(target, _REPLICAS) if target.kind == "Deployment" else None
    if origin is None or not origin.own_line:
        return None, ""
    loops = loops_around(rendering.chart, origin)
    if loops:
        test = item.test(loops[0]) if item and item.is_of(loops[0]) and len(loops) == 1 else None
        return (origin, test) if test else (None, "")
    shared = any(other is not target and origins.of(other, _REPLICAS) == origin for other in rendering.manifests)
    return (None if shared else origin), ""
