"""Whether a release of a chart may render a Flagger object, by the bytes of its files and values."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from chartgen.charts.mentions import any_mentions_flagger, mentions_flagger
from chartgen.errors import InputError
from chartgen.helm.safe_schemas import with_all_subcharts_opened
from chartgen.inputs.files import read_named

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chartgen.charts.chart import Chart
    from chartgen.helm.request import RenderRequest


def may_render_flagger(chart: Chart, requests: Iterable[RenderRequest]) -> bool:
    """Whether the chart, one of its subcharts, or the values of a request mention Flagger.

    ChartError if a subchart's archive can't be opened.
    """
    if any_mentions_flagger(chart.files.values()) or any(map(_values_mention, requests)):
        return True
    opened = with_all_subcharts_opened(chart)
    return opened is not chart and any_mentions_flagger(opened.files.values())


def _values_mention(request: RenderRequest) -> bool:
    sources = request.sources
    if sources.set_file:
        return True  # Helm reads the files
    given = "\n".join((json.dumps(request.overlay, default=str), *sources.set_json, *sources.set, *sources.set_string))
    return mentions_flagger(given.encode("utf-8", "surrogatepass")) or any(
        _file_mentions(path, sources.text(path)) for path in sources.files
    )


def _file_mentions(path: str, text: str | None) -> bool:
    """Of a values file, with its text if that is known; one that can't be read is Helm's to report."""
    try:
        data = read_named(path) if text is None else text.encode("utf-8", "surrogatepass")
    except InputError:
        return True
    return mentions_flagger(data)
