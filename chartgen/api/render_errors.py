"""Reports that Helm fails to render a chart, in the commands that need its rendering."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from chartgen.errors import RenderError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.charts.chart import Chart


@contextmanager
def render_errors_of(chart: Chart, name: str | None = None) -> Iterator[None]:
    """Raise a RenderError as one about `chart`: `CHART: Helm fails to render the chart: FILE:LINE: …`.

    `name` replaces the chart's path in the message.
    """
    try:
        yield
    except RenderError as error:
        shown = name or str(chart.root)
        if error.message.startswith(shown):
            raise
        from chartgen.manifests.tracing.provenance import path_in_chart
        from chartgen.rules.reading.helm_errors import gist

        reason, where = error.message, ""
        if error.template:
            line = "" if error.line is None else f":{error.line}"
            place = f"{path_in_chart(chart, error.template)}{line}"
            reason, where = f"{place}: {gist(error)}", f"{shown}/{place}"
        located = RenderError(
            f"{shown}: Helm fails to render the chart: {reason}",
            template=error.template,
            line=error.line,
            column=error.column,
            hint=error.hint or "correct it, or set the values that it needs with -f or --set",
        )
        located.where = where
        raise located from error
