"""Probes: a chart reduced to its named templates and one template, through which Helm evaluates an expression."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chartgen.charts.gotemplate.definitions import definitions_only
from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from chartgen.charts.chart import Chart

_SETS_VALUES = lazy_pattern(rb"\bset\s+[$.]\s+\"Values\"")
PROBE = "templates/zz-chartgen-probe.yaml"


def with_probe(chart: Chart, probe: str) -> Chart:
    """The chart reduced to its named templates and `probe`, the template PROBE; it renders fast.

    A template that replaces all values remains, too: those that Helm renders after it read its values (Istio's charts).
    Nothing else of a template may remain: it could include another one by its path (a checksum of the ConfigMap).
    """
    reduced = {
        path: data
        for path, data in chart.files.items()
        if "templates/" not in path or _is_partial(path) or _SETS_VALUES.search(data)
    }
    definitions = definitions_only(chart, chart.files.keys() - reduced.keys())
    reduced |= {path: text for path, text in definitions.items() if text}
    return replace(chart, files={**reduced, PROBE: probe.encode("utf-8", "surrogateescape")})


def _is_partial(path: str) -> bool:
    """Whether Helm renders no objects from the file."""
    return path.rsplit("/", 1)[-1].startswith("_")
