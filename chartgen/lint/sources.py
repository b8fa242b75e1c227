"""The texts of the files that can have a chart's findings, by their path in findings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from chartgen.charts.positions import Position
from chartgen.errors import InputError
from chartgen.inputs.files import read_named, text_of
from chartgen.lint.locate import shown_path
from chartgen.manifests.tracing.provenance import SourceLocation

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chartgen.charts.chart import Chart

_TOP = Position(1, 1, 1, 1)


def texts_of(chart: Chart, values_files: Iterable[str] = ()) -> dict[str, str]:
    """Shown path → text of the chart's templates and YAML files, and of the `-f` files."""
    texts = {
        shown_path(chart, SourceLocation(path, _TOP)): chart.text(path)
        for path in chart.files
        if "templates/" in path or path.endswith((".yaml", ".yml"))
    }
    for path in values_files:
        try:
            texts.setdefault(Path(path).as_posix(), text_of(read_named(path), path))
        except InputError:
            continue
    return texts
