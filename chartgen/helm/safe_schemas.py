"""The chart for Helm, without references to servers or files in its values.schema.json and its subcharts'."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from chartgen.charts.vendored import with_subcharts_opened
from chartgen.errors import ChartError
from chartgen.patterns import lazy_pattern

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chartgen.charts.chart import Chart
    from chartgen.helm.schema_references import SchemaReference

# Helm treats a backslash in a file name as a slash (pkg/chart/loader/archive: LoadArchiveFiles).
_SCHEMA = lazy_pattern(r"(?:charts/[^/]+/)*values\.schema\.json|.*\\values\.schema\.json", re.DOTALL)
_SUBCHART = lazy_pattern(r"charts/[^/]+/")
_DEEPEST = 16


def with_safe_schemas(chart: Chart) -> Chart:
    """The same chart with its archived subcharts opened and the outside references of its schemas removed."""
    files = with_all_subcharts_opened(chart).files
    changed = {path: _safe(files[path]) for path in _schemas(files)}
    if files is chart.files and all(data is files[path] for path, data in changed.items()):
        return chart
    return replace(chart, files={**files, **changed})


def schema_references(chart: Chart) -> Iterator[tuple[str, str, SchemaReference]]:
    """Path below the chart, the schema's text, and the reference, for each reference removed for Helm."""
    files = with_all_subcharts_opened(chart).files
    for path in sorted(_schemas(files)):
        from chartgen.helm.schema_references import references_outside

        text = _text(files[path])
        for reference in references_outside(text):
            yield path, text, reference


def _schemas(files: Mapping[str, bytes]) -> list[str]:
    return [path for path in files if path.endswith("values.schema.json") and _SCHEMA.fullmatch(path)]


def _safe(data: bytes) -> bytes:
    # Usually there are no references. An escape may spell a keyword, too.
    if b"$" not in data and b"\\" not in data:
        return data
    from chartgen.helm.schema_references import without_references

    text = _text(data)
    safe = without_references(text)
    return data if safe is text or safe == text else safe.encode("utf-8", "surrogateescape")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def with_all_subcharts_opened(chart: Chart, depth: int = 0) -> Chart:
    """The chart with archives in `charts/` opened, those in subcharts too."""
    if not any(path.startswith("charts/") and path.endswith((".tgz", ".tar.gz")) for path in chart.files):
        return chart
    if depth > _DEEPEST:
        raise ChartError(f"{chart.root}: has subcharts nested more than {_DEEPEST} deep")
    files = dict(with_subcharts_opened(chart).files)
    for folder in {match.group() for path in files if (match := _SUBCHART.match(path))}:
        below = {path.removeprefix(folder): data for path, data in files.items() if path.startswith(folder)}
        opened = with_all_subcharts_opened(replace(chart, files=below), depth + 1).files
        if opened is not below:
            files = {path: data for path, data in files.items() if not path.startswith(folder)}
            files.update({folder + path: data for path, data in opened.items()})
    return replace(chart, files=files)
