"""Renders each release once: add-canary's analysis and its proof need the same renderings many times."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from chartgen.errors import RenderError
from chartgen.manifests.rendering import render, render_each

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chartgen.charts.chart import Chart
    from chartgen.helm.engine import Engine
    from chartgen.helm.request import RenderRequest
    from chartgen.manifests.rendering import Rendering


class Renderer:
    """Renders with `engine` and caches renderings and RenderErrors. The cache distinguishes charts by identity."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._results: dict[tuple[int, str], Rendering | RenderError] = {}
        # Keeps every chart alive whose id() is part of a key.
        self._charts: dict[int, Chart] = {}

    def render(self, chart: Chart, request: RenderRequest) -> Rendering:
        """The rendering of `request`; raises RenderError, the same one on each call."""
        self._charts[id(chart)] = chart
        key = (id(chart), _key_of(request))
        if key not in self._results:
            self._results[key] = self._render(chart, request)
        result = self._results[key]
        if isinstance(result, RenderError):
            raise result
        return result

    def attempt(self, chart: Chart, request: RenderRequest) -> Rendering | None:
        """The rendering of `request`, None if Helm can't render it."""
        try:
            return self.render(chart, request)
        except RenderError:
            return None

    def prepare(self, chart: Chart, requests: Iterable[RenderRequest]) -> None:
        """Render those of the requests that aren't cached, and let Helm read all of their documents in one call."""
        self._charts[id(chart)] = chart
        wanted = {(id(chart), _key_of(request)): request for request in requests}
        missing = {key: request for key, request in wanted.items() if key not in self._results}
        if missing:
            results = render_each(self.engine, chart, list(missing.values()))
            self._results.update(zip(missing, results, strict=True))

    def render_again(self, chart: Chart, request: RenderRequest) -> Rendering:
        """A new rendering, to find what differs between two of the same release (generated passwords)."""
        return render(self.engine, chart, request, request.release_name)

    def _render(self, chart: Chart, request: RenderRequest) -> Rendering | RenderError:
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
