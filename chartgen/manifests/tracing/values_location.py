"""Finds the line that sets a value of a release: in the last `-f` file that has it, values.yaml, or a subchart's."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from chartgen.charts.positions import Position, position_of
from chartgen.errors import InputError
from chartgen.inputs.files import read_named, text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.manifests.manifest import Route
    from chartgen.manifests.rendering import Rendering


class ValuesLocation(NamedTuple):
    """`path` is relative to the chart, or as given on the command line if `in_chart` is False."""

    path: str
    position: Position
    in_chart: bool


def values_location(rendering: Rendering, route: Route) -> ValuesLocation | None:
    """The line that sets the value at `route`, or the closest parent of it; None if `--set` or no file sets it.

    A `--set` of a release that a file describes, such as a parameter of an Application, is written in that file.
    """
    option = _option_for(rendering, route)
    if option is not None:
        written = (each for each in reversed(rendering.request.sources.written) if each[0] == option)
        return next((ValuesLocation(path, position, in_chart=False) for _, path, position in written), None)
    sources = list(_sources(rendering, route))
    for length in range(len(route), 0, -1):
        for path, text, depth, in_chart in sources:
            route_in_file = route[depth : max(depth, length)]
            position = position_of(text, route_in_file) if route_in_file else None
            if position:
                return ValuesLocation(path, position, in_chart)
    return None


def _sources(rendering: Rendering, route: Route) -> Iterator[tuple[str, str, int, bool]]:
    """(path, text, number of the route's steps above the file's root, in the chart) of each file, last set first."""
    chart = rendering.chart
    for path in reversed(rendering.request.sources.files):
        text = _text(path, rendering.request.sources.text(path))
        if text is None:
            continue
        path_in_chart = _path_in_chart(chart.root, path)
        yield path_in_chart or path, text, 0, path_in_chart is not None
    if "values.yaml" in chart.files:
        yield "values.yaml", chart.text("values.yaml").removeprefix("\ufeff"), 0, True
    folder = ""
    for depth, name in enumerate(route[:-1], start=1):
        folder = f"{folder}charts/{name}/"
        if f"{folder}values.yaml" not in chart.files:
            return
        yield f"{folder}values.yaml", chart.text(f"{folder}values.yaml").removeprefix("\ufeff"), depth, True


def _text(path: str, edited: str | None) -> str | None:
    try:
        return text_of(read_named(path), path) if edited is None else edited
    except InputError:
        return None


def _path_in_chart(root: Path, path: str) -> str | None:
    """`ci/x-values.yaml` for a file in the chart's folder, None for any other."""
    try:
        return Path(path).relative_to(root).as_posix()
    except ValueError:
        return None


def _option_for(rendering: Rendering, route: Route) -> str | None:
    """The last `--set…` option that sets the value at `route` or a parent of it."""
    sources = rendering.request.sources
    dotted = ".".join(str(step) for step in route)
    for option in reversed((*sources.set_json, *sources.set, *sources.set_string, *sources.set_file)):
        keys = {part.split("=", 1)[0].strip() for part in option.split(",")}
        if any(dotted == key or dotted.startswith((f"{key}.", f"{key}[")) for key in keys if key):
            return option
    return None
