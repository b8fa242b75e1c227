"""What prevents adding a canary to a chart, and the removal of a canary that chartgen added before."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chartgen.canary.files import is_created_by_chartgen, is_edited
from chartgen.canary.guards import strip, strip_one
from chartgen.canary.hazards import existing_canaries, hazards, hazards_behind_switches, how_to_adopt
from chartgen.canary.slots import slots_in
from chartgen.canary.survey import surroundings_of
from chartgen.canary.targets import choose_target
from chartgen.charts.load import missing_dependencies
from chartgen.errors import ConflictError, RenderError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from chartgen.canary.options import AddCanaryOptions
    from chartgen.canary.slots import Slot
    from chartgen.charts.chart import Chart
    from chartgen.helm.request import RenderRequest
    from chartgen.proof.renderer import Renderer

_HINT = "nothing was written; resolve this and run `chartgen add-canary` again"


def created_files(chart: Chart) -> list[str]:
    """The templates of Canaries whose header says that chartgen created them, edited afterwards or not."""
    owned = [path for each in slots_in(chart.files) for path in each.files]
    return [path for path in owned if path in chart.files and is_created_by_chartgen(chart.text(path))]


def without_canary(chart: Chart) -> Chart:
    """The chart without the templates and lines of earlier add-canary runs; `chart` itself if there are none.

    Any of them may be missing: users move a template away to let chartgen create it again.
    """
    created = created_files(chart)
    files = {path: data for path, data in chart.files.items() if path not in created}
    for path in [path for path in files if path.startswith("templates/")]:
        text = chart.text(path)
        own = strip(text, chart.name)
        if own != text:
            files[path] = own.encode("utf-8", "surrogateescape")
    return chart if files == chart.files else replace(chart, files=files)


def without_slots(chart: Chart, slots: Iterable[Slot]) -> Chart:
    """The chart without the templates and lines of the Canaries at these places."""
    slots = tuple(slots)
    created = [path for path in created_files(chart) if any(path in slot.files for slot in slots)]
    files = {path: data for path, data in chart.files.items() if path not in created}
    for path in [path for path in files if path.startswith("templates/")]:
        text = chart.text(path)
        for slot in slots:
            text = strip_one(text, slot.prefix(chart.name))
        files[path] = text.encode("utf-8", "surrogateescape")
    return replace(chart, files=files)


def check_conflicts(
    renderer: Renderer,
    chart: Chart,
    original: Chart,
    request: RenderRequest,
    options: AddCanaryOptions,
    *,
    exists: bool,
) -> None:
    """Raise ConflictError with every conflict of one Canary, in the chart's files and in its rendered manifests.

    `original` is `chart` without this Canary and those after it; `exists`: it is of an earlier run. Raises UsageError
    and RenderError too.
    """
    conflicts = list(_conflicts_in_files(chart, original, options, exists=exists))
    try:
        conflicts += _conflicts_in_rendering(renderer, original, request, options)
    except RenderError as error:
        if not conflicts:
            raise
        conflicts.append(f"Helm can't render the chart: {error.message}")
    if conflicts:
        raise ConflictError(list(dict.fromkeys(conflicts)), hint=_HINT, heading="problems prevent adding the canary")


def _conflicts_in_files(chart: Chart, original: Chart, options: AddCanaryOptions, *, exists: bool) -> Iterator[str]:
    if chart.library:
        yield "Chart.yaml: a library chart renders nothing by itself. Run add-canary on a chart that uses it"
    for name in missing_dependencies(chart):
        yield f"Chart.yaml: the dependency {name} is not in charts/. Run `helm dependency build`"
    for path in options.slot.files:
        if path in original.files:
            is_canary = "kind: Canary" in original.text(path)
            way_on = f"Adopt it: {how_to_adopt(chart)}" if is_canary else "Rename or remove it"
            yield f"{path} already exists and wasn't created by chartgen. {way_on}"
        elif path in chart.files and is_edited(chart.text(path)):
            yield f"{path} was edited after chartgen created it. {_way_to_recreate(chart, path, options.slot.key)}"
    if not exists and _has_key(chart, options.slot.key):
        yield f"values.yaml already has a top-level key `{options.slot.key}`. Rename or remove it"


def _conflicts_in_rendering(
    renderer: Renderer, original: Chart, request: RenderRequest, options: AddCanaryOptions
) -> list[str]:
    rendering = renderer.render(original, request)
    try:
        target = choose_target(rendering, options.target, options.provider)
        surroundings = surroundings_of(rendering, target, wanted=options.service or options.apex)
    except ConflictError as error:
        return [*existing_canaries(rendering), *error.conflicts]
    return [
        *hazards(rendering, surroundings),
        *hazards_behind_switches(renderer, rendering, surroundings.target),
    ]


def _way_to_recreate(chart: Chart, path: str, key: str) -> str:
    """What to move away, so that the next run recognizes the canary by what remains, or adds it again."""
    remaining = replace(chart, files={other: data for other, data in chart.files.items() if other != path})
    if without_canary(remaining) is not remaining:
        return "Move it away, and chartgen creates it again"
    return f"Move it and the `{key}` block of values.yaml away, and chartgen creates both again"


def _has_key(chart: Chart, key: str) -> bool:
    from chartgen.charts.positions import top_level_keys

    return key in top_level_keys(chart.text("values.yaml")) if "values.yaml" in chart.files else False
