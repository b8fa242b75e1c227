"""Digests of charts: commands change charts in memory, and two of them may end with the same files."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chartgen.charts.chart import Chart

_KEPT = 16


class Digests:
    """The digest of a chart: what Helm renders is the same for two charts with the same."""

    def __init__(self) -> None:
        # By the identity of a chart, which is kept beside its digest, so that the identity stays taken.
        self._known: dict[int, tuple[Chart, bytes]] = {}

    def of(self, chart: Chart) -> bytes:
        """The digest of the chart's files."""
        known = self._known.get(id(chart))
        if known is None:
            while len(self._known) >= _KEPT:
                self._known.pop(next(iter(self._known)))
            known = self._known[id(chart)] = chart, _digest(chart)
        return known[1]


def _digest(chart: Chart) -> bytes:
    result = hashlib.sha256(str(chart.root).encode("utf-8", "surrogateescape"))
    for path in sorted(chart.files):
        data = chart.files[path]
        result.update(f"\0{path}\0{len(data)}\0".encode("utf-8", "surrogateescape"))
        result.update(data)
    return result.digest()
