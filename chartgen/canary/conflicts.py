"""What stands where add-canary would write, and what add-canary wrote itself."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chartgen.canary.files import CANARY, HELPERS, is_edited, is_made_by_chartgen
from chartgen.canary.guards import strip
from chartgen.canary.survey import canaries_in, choose_target, look_around, obstacles
from chartgen.charts.load import missing_dependencies
from chartgen.errors import ConflictError, RenderError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chartgen.canary.options import AddCanaryOptions
    from chartgen.charts.chart import Chart
    from chartgen.helm.request import RenderRequest
    from chartgen.proof.renderer import Renderer


def without_ours(chart: Chart) -> Chart:
    """The chart without what an earlier add-canary put into its templates; `chart` itself where there is nothing."""
    ours = [path for path in (CANARY, HELPERS) if path in chart.files and is_made_by_chartgen(chart.text(path))]
    if CANARY not in ours:
        return chart
    files = {path: data for path, data in chart.files.items() if path not in ours}
    for path in files:
        if path.startswith("templates/"):
            text = chart.text(path)
            files[path] = strip(text, chart.name).encode("utf-8", "surrogateescape")
    return replace(chart, files=files)


def check_all(
    renderer: Renderer, chart: Chart, original: Chart, request: RenderRequest, options: AddCanaryOptions
) -> None:
    """Raise with everything that is in the way, in the files and in what the chart renders, all of it at once."""
    if chart.packaged:
        raise UsageError(f"{chart.root}: a packaged chart cannot be changed", hint="unpack it, or use its source")
    found = list(_in_files(chart, original, options))
    hint = _hint(found)
    try:
        rendered, hint = _rendered(renderer, original, request, options, hint)
        found += rendered
    except RenderError as error:
        if not found:
            raise
        found.append(f"Helm does not render the chart: {error.message}")
    if found:
        raise ConflictError(list(dict.fromkeys(found)), hint=hint)


def _in_files(chart: Chart, original: Chart, options: AddCanaryOptions) -> Iterator[str]:
    if chart.library:
        yield "Chart.yaml: a library chart renders nothing by itself"
    yield from (f"Chart.yaml: the dependency {name} is not in charts/" for name in missing_dependencies(chart))
    yield from _taken(chart, original)
    if options.toggle != _toggle_of(chart) and original is not chart:
        yield f"values.yaml: the canary made before is switched by canary.{_toggle_of(chart)}"


def _rendered(
    renderer: Renderer, original: Chart, request: RenderRequest, options: AddCanaryOptions, hint: str
) -> tuple[list[str], str]:
    """What the rendering shows to be in the way, and how to go on where that decides it."""
    rendering = renderer.render(original, request)
    try:
        around = look_around(rendering, choose_target(rendering, options.target))
    except ConflictError as error:
        return [*canaries_in(rendering), *error.conflicts], error.hint or hint
    return obstacles(rendering, around), hint


def _hint(found: list[str]) -> str:
    if any("dependency" in line for line in found):
        return "run `helm dependency build` and try again; nothing was written"
    return "nothing was written; remove or rename what is in the way, then run again"


def _taken(chart: Chart, original: Chart) -> list[str]:
    found = []
    for path in (CANARY, HELPERS):
        if path in original.files:
            found.append(f"{path}: there is such a file already, and chartgen did not make it")
        elif path in chart.files and is_edited(chart.text(path)):
            found.append(f"{path}: made by chartgen and edited since; move it away to have it made anew")
    if original is chart and _has_canary_key(chart):
        found.append("values.yaml: there is a top-level key canary: already")
    return found


def _has_canary_key(chart: Chart) -> bool:
    from chartgen.charts.positions import top_level_keys

    return "canary" in top_level_keys(chart.text("values.yaml")) if "values.yaml" in chart.files else False


def _toggle_of(chart: Chart) -> str:
    """The switch that the chart's own canary.yaml reads."""
    text = chart.text(CANARY) if CANARY in chart.files else ""
    return "enabled" if ".Values.canary.enabled" in text else "enable"
