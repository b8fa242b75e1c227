"""The autoscalers of the target, including those that are off by default."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from chartgen.canary.survey import SCALERS, find_target, surroundings_of
from chartgen.charts.gotemplate.blocks import parse
from chartgen.helm.request import merged
from chartgen.manifests.switches.switch import settings_to_try
from chartgen.patterns import lazy_pattern
from chartgen.proof.variations import overlay_of, value_routes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.charts.chart import Chart
    from chartgen.helm.engine import Engine
    from chartgen.helm.request import RenderRequest
    from chartgen.manifests.manifest import Manifest
    from chartgen.manifests.rendering import Rendering
    from chartgen.proof.renderer import Renderer

_KIND = lazy_pattern(r"^[ \t]*kind:[ \t]*[\"']?(?:" + "|".join(SCALERS) + r")\b", re.MULTILINE)
_MOST_SETTINGS = 6


@dataclass(frozen=True, slots=True)
class RenderedAutoscaler:
    """An autoscaler of the target, with the request that renders it."""

    manifest: Manifest
    rendering: Rendering
    request: RenderRequest


def find_autoscalers(
    renderer: Renderer, chart: Chart, request: RenderRequest, target: Manifest
) -> list[RenderedAutoscaler]:
    """The autoscalers of `target`, each once: with the values as they are, then with autoscaling switched on."""
    found: dict[tuple[str, int], RenderedAutoscaler] = {}
    for switched_on in (request, *_switched_on(renderer.engine, chart, request)):
        rendering = renderer.attempt(chart, switched_on)
        same_target = find_target(rendering, target) if rendering else None
        if rendering is None or same_target is None:
            continue
        for scaler in surroundings_of(rendering, same_target).scalers:
            key = (scaler.template, scaler.document)
            found.setdefault(key, RenderedAutoscaler(scaler, rendering, switched_on))
    return list(found.values())


def _switched_on(engine: Engine, chart: Chart, request: RenderRequest) -> Iterator[RenderRequest]:
    """Releases that may render an autoscaler: conditions solved, then all values that they read set to true."""
    for kind in SCALERS:
        for setting in islice(settings_to_try(engine, chart, request, kind), _MOST_SETTINGS):
            yield setting.applied(request)
    for overlay in _overlays(chart):
        yield request.over(overlay)


def _overlays(chart: Chart) -> Iterator[dict[str, Any]]:
    """For each template with an autoscaler: the values its conditions read set to true, together and one by one."""
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
