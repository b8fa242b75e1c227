"""Helm, asked the same question once: a proof and its survey render the same releases again and again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from chartgen.errors import RenderError
from chartgen.manifests.rendering import render

if TYPE_CHECKING:
    from chartgen.charts.chart import Chart
    from chartgen.helm.engine import Engine
    from chartgen.helm.request import RenderRequest
    from chartgen.manifests.rendering import Rendering


class Renderer:
    """Renders through `engine` and keeps what came out, refusals too. Charts are told apart by identity."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._kept: dict[tuple[int, str], Rendering | RenderError] = {}
        # Keeps every chart alive that a key's id() speaks of.
        self._charts: dict[int, Chart] = {}

    def render(self, chart: Chart, request: RenderRequest) -> Rendering:
        """The rendering of `request`; raises RenderError, the same one each time."""
        self._charts[id(chart)] = chart
        key = (id(chart), _key_of(request))
        if key not in self._kept:
            self._kept[key] = self._rendered(chart, request)
        kept = self._kept[key]
        if isinstance(kept, RenderError):
            raise kept
        return kept

    def attempt(self, chart: Chart, request: RenderRequest) -> Rendering | None:
        """The rendering of `request`, None where Helm refuses it."""
        try:
            return self.render(chart, request)
        except RenderError:
            return None

    def again(self, chart: Chart, request: RenderRequest) -> Rendering:
        """A fresh rendering, to see what differs between two of the same release (generated passwords)."""
        return render(self.engine, chart, request, request.release_name)

    def _rendered(self, chart: Chart, request: RenderRequest) -> Rendering | RenderError:
        try:
            return render(self.engine, chart, request, request.release_name)
        except RenderError as error:
            return error


def _key_of(request: RenderRequest) -> str:
    fields = (request.release_name, request.namespace, request.kube_version, request.is_upgrade)
    sources = request.sources
    return json.dumps(
        [
            *fields,
            request.api_versions,
            request.overlay,
            [sources.files, sources.set, sources.set_string, sources.set_file, sources.set_json],
        ],
        sort_keys=True,
        default=str,
    )
