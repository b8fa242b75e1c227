"""The autoscalers of the target, those included that the chart's defaults switch off."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chartgen.canary.survey import SCALERS, find_again, look_around
from chartgen.charts.gotemplate.blocks import parse
from chartgen.helm.request import merged
from chartgen.proof.variations import overlay_of, value_routes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.charts.chart import Chart
    from chartgen.helm.request import RenderRequest
    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering
    from chartgen.proof.renderer import Renderer

_KIND = re.compile(r"^[ \t]*kind:[ \t]*[\"']?(?:" + "|".join(SCALERS) + r")\b", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Sighting:
    """A scaler of the target, in a rendering that shows it."""

    scaler: Manifest
    rendering: Rendering
    request: RenderRequest


def sightings(renderer: Renderer, chart: Chart, request: RenderRequest, target: Manifest) -> list[Sighting]:
    """One rendering for each template that can render a scaler of `target`, the defaults first."""
    found: dict[tuple[str, int], Sighting] = {}
    for overlay in ({}, *_overlays(chart)):
        wanted = request.over(overlay)
        rendering = renderer.attempt(chart, wanted)
        again = find_again(rendering, target) if rendering else None
        if rendering is None or again is None:
            continue
        for scaler in look_around(rendering, again).scalers:
            found.setdefault((scaler.template, scaler.document), Sighting(scaler, rendering, wanted))
    return list(found.values())


def _overlays(chart: Chart) -> Iterator[dict[str, Any]]:
    """For each template with an autoscaler: every value its conditions read switched on, together and one by one."""
    for path in sorted(chart.files):
        if not path.startswith("templates/"):
            continue
        text = chart.text(path)
        template = parse(text)
        for match in _KIND.finditer(text):
            conditions = [condition.opener.expression for condition in template.conditions_at(match.start())]
            single = [overlay_of(route, True) for route in value_routes(conditions)]
            together: dict[str, Any] = {}
            for overlay in single:
                together = merged(together, overlay)
            yield from [overlay for overlay in (together, *single) if overlay]
