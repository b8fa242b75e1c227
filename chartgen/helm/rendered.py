"""What a helm program has rendered: a process for each rendering takes most of the time of a run."""

from __future__ import annotations

import hashlib
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
        # By the content of the chart: commands change charts in memory, and two of them may end with the same.
        self._charts: dict[bytes, tuple[bool, dict[str, Mapping[str, str]]]] = {}
        # By the identity of a chart, which is kept beside its digest, so that the identity stays taken.
        self._digests: dict[int, tuple[Chart, bytes]] = {}
        # The values by the content of the chart: they depend neither on the release nor on chance.
        self._values: dict[tuple[bytes, str], str] = {}
        self._size = 0

    def get(self, chart: Chart, request: RenderRequest) -> Mapping[str, str] | None:
        """An earlier rendering, None without one."""
        known = self._charts.get(self._digest(chart))
        return known[1].get(_key(request)) if known else None

    def values(self, chart: Chart, request: RenderRequest) -> str | None:
        """The values as an earlier rendering with the same ones printed them, None without one."""
        return self._values.get((self._digest(chart), _values_key(request)))

    def keep(self, chart: Chart, request: RenderRequest, texts: Mapping[str, str], values: str) -> None:
        """Keep a rendering, and the values that it printed, empty if the chart hides them."""
        self._make_room(sum(map(len, texts.values())) + len(values))
        digest = self._digest(chart)
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

    def _digest(self, chart: Chart) -> bytes:
        """A digest of what Helm renders of the chart: its files."""
        known = self._digests.get(id(chart))
        if known is None:
            while len(self._digests) >= _MOST_CHARTS:
                self._digests.pop(next(iter(self._digests)))
            known = self._digests[id(chart)] = chart, _digest(chart)
        return known[1]


def _digest(chart: Chart) -> bytes:
    result = hashlib.sha256(str(chart.root).encode("utf-8", "surrogateescape"))
    for path in sorted(chart.files):
        data = chart.files[path]
        result.update(f"\0{path}\0{len(data)}\0".encode("utf-8", "surrogateescape"))
        result.update(data)
    return result.digest()


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
