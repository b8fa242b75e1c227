"""A note about values schemas that refer to something outside themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chartgen.helm.safe_schemas import schema_references

if TYPE_CHECKING:
    from chartgen.api.session import Note
    from chartgen.charts.chart import Chart


def note_external_references(chart: Chart, note: Note) -> None:
    """Note in one line if chartgen drops references from a schema of the chart; lint reports each of them."""
    references = list(schema_references(chart))
    if not references:
        return
    path, text, reference = references[0]
    more = f" (and {len(references) - 1} more)" if len(references) > 1 else ""
    note(
        f"{path}:{reference.line_of(text)}: {reference.keyword} refers to {reference.target}{more}, which chartgen "
        "doesn't load: the values it describes aren't checked"
    )
