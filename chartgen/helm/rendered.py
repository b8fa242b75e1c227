"""What a helm program has rendered: a process for each rendering takes most of the time of a run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from chartgen.helm.digests import Digests
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
        self._digests = Digests()
        self._charts: dict[bytes, tuple[bool, dict[str, Mapping[str, str]]]] = {}
        # The values by chart: they depend neither on the release nor on chance.
        self._values: dict[tuple[bytes, str], str] = {}
        self._size = 0

    def get(self, chart: Chart, request: RenderRequest) -> Mapping[str, str] | None:
        """An earlier rendering, None without one."""
        known = self._charts.get(self._digests.of(chart))
        return known[1].get(_key(request)) if known else None

    def values(self, chart: Chart, request: RenderRequest) -> str | None:
        """The values as an earlier rendering with the same ones printed them, None without one."""
        return self._values.get((self._digests.of(chart), _values_key(request)))

    def keep(self, chart: Chart, request: RenderRequest, texts: Mapping[str, str], values: str) -> None:
        """Keep a rendering, and the values that it printed, empty if the chart hides them."""
        self._make_room(sum(map(len, texts.values())) + len(values))
        digest = self._digests.of(chart)
        if digest not in self._charts:
            while len(self._charts) >= _MOST_CHARTS:
                self._charts.pop(next(iter(self._charts)))
            self._charts[digest] = is_random(chart), {}
        changes, kept = self._charts[digest]
        if values:
            self._values[digest, _values_key(request)] = values
        if not changes:
            kept[_key(request)] = texts

    def _make_room(self, size: int) -> None:
        self._size += size
        if self._size > _MOST_CHARACTERS:
            self._charts.clear()
            self._values.clear()
            self._size = size


def _key(request: RenderRequest) -> str:
    """Every field of the request."""
    fields = [request.release_name, request.namespace, request.kube_version, request.is_upgrade, request.api_versions]
    return json.dumps(fields) + _values_key(request)


def _values_key(request: RenderRequest) -> str:
    """The values of the request, and the content of their files, which may change while chartgen edits a chart."""
    sources = request.sources
    edited = dict(sources.edited)
    stamps = [_stamp(path) for path in sources.files if path not in edited]
    given = [sources.files, sources.set_json, sources.set, sources.set_string, sources.set_file, sources.edited]
    return json.dumps([given, stamps, request.overlay], sort_keys=True, default=str)


def _stamp(path: str) -> list[int]:
    try:
        status = Path(path).stat()
    except OSError:
        return []
    return [status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns]
