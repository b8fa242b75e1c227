"""The places of chartgen's Canaries that the chart's own Canary of another workload has already."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from chartgen.canary.slots import slots_in
from chartgen.manifests.switches.switch import settings_to_try

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.canary.slots import Slot
    from chartgen.charts.chart import Chart
    from chartgen.helm.request import RenderRequest
    from chartgen.manifests.rendering import Rendering
    from chartgen.proof.renderer import Renderer

_MOST_SETTINGS = 8


def occupied_slots(
    renderer: Renderer, original: Chart, request: RenderRequest, wanted: frozenset[str]
) -> frozenset[Slot]:
    """The slots whose file renders Canaries, none of them for a `wanted` target; `original` has none of chartgen's.

    A file whose Canaries can't be rendered may be for a wanted target.
    """
    found = [slot for slot in slots_in(original.files) if slot.canary in original.files]
    if not found:
        return frozenset()
    renderings = list(_renderings(renderer, original, request))
    targets = {slot: {name for each in renderings for name in _targets(each, slot)} for slot in found}
    return frozenset(slot for slot, names in targets.items() if names and not names & {*wanted, ""})


def _renderings(renderer: Renderer, chart: Chart, request: RenderRequest) -> Iterator[Rendering]:
    """The chart as it is, and with the values that switch its Canaries on."""
    settings = islice(settings_to_try(renderer.engine, chart, request, "Canary"), _MOST_SETTINGS)
    for each in (request, *(setting.applied(request) for setting in settings)):
        rendering = renderer.attempt(chart, each)
        if rendering:
            yield rendering


def _targets(rendering: Rendering, slot: Slot) -> Iterator[str]:
    for canary in rendering.of_kind("Canary"):
        if canary.template == f"{rendering.chart.name}/{slot.canary}":
            yield str(canary.get(("spec", "targetRef", "name")) or "")
