"""What a helm program has rendered: a process for each rendering takes most of the time of a run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from chartgen.helm.randomness import is_random

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chartgen.charts.chart import Chart
    from chartgen.helm.request import RenderRequest

_MOST_CHARTS = 8
_MOST_CHARACTERS = 32 * 1024 * 1024


class Rendered:
    """Renderings by chart and request. A chart that may render in another way each time is rendered each time."""

    def __init__(self) -> None:
        # By the identity of the chart, which is kept beside it, so that the identity stays taken.
        self._charts: dict[int, tuple[Chart, bool, dict[str, Mapping[str, str]]]] = {}
        self._latest: tuple[Chart, str, Mapping[str, str]] | None = None
        self._size = 0

    def get(self, chart: Chart, request: RenderRequest) -> Mapping[str, str] | None:
        """An earlier rendering, None without one."""
        known = self._charts.get(id(chart))
        return known[2].get(_key(request)) if known else None

    def latest(self, chart: Chart, request: RenderRequest) -> Mapping[str, str] | None:
        """As `get`; of a random chart, the latest rendering if it was of this request."""
        if self._latest and self._latest[0] is chart and self._latest[1] == _key(request):
            return self._latest[2]
        return self.get(chart, request)

    def keep(self, chart: Chart, request: RenderRequest, texts: Mapping[str, str]) -> None:
        """Keep a rendering."""
        key = _key(request)
        self._latest = chart, key, texts
        if id(chart) not in self._charts:
            while len(self._charts) >= _MOST_CHARTS:
                self._charts.pop(next(iter(self._charts)))
            self._charts[id(chart)] = chart, is_random(chart), {}
        _, changes, kept = self._charts[id(chart)]
        self._size += sum(map(len, texts.values()))
        if self._size > _MOST_CHARACTERS:
            self._charts.clear()
            self._size = 0
        elif not changes:
            kept[key] = texts


def _key(request: RenderRequest) -> str:
    """Every field of the request, and the content of its files, which may change while chartgen edits a chart."""
    sources = request.sources
    edited = dict(sources.edited)
    stamps = [_stamp(path) for path in sources.files if path not in edited]
    fields = [request.release_name, request.namespace, request.kube_version, request.is_upgrade, request.api_versions]
    given = [sources.files, sources.set_json, sources.set, sources.set_string, sources.set_file, sources.edited]
    return json.dumps([fields, given, stamps, request.overlay], sort_keys=True, default=str)


def _stamp(path: str) -> list[int]:
    try:
        status = Path(path).stat()
    except OSError:
        return []
    return [status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns]
